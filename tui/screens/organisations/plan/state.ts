import {type Organisation, type Plan, plans} from '../../../../contract/organisations.ts';
import {type Answer, changeOf, type Event} from '../../../app/effect.ts';
import type {ChoiceScreen} from '../../kinds/choice/screen.ts';
import type {ConfirmScreen, Question} from '../../kinds/confirm/screen.ts';
import {confirmation} from '../../../text/confirmation.ts';
import {relianceText} from '../../../api-keys/reliance.ts';
import {clean} from '../../../text/clean.ts';
import {newChoiceScreen} from '../../kinds/choice/state.ts';

type Asked = NonNullable<ChoiceScreen['options'][number]['question']>;

const meanings: Record<Plan, string> = {
	free: 'no API keys; keys made before are refused',
	pro: 'no API keys; keys made before are refused',
	team: 'API keys',
};

export function newPlanScreen(organisation: Organisation): ChoiceScreen {
	const {id, name, plan} = organisation;
	const shown = clean(name);
	return newChoiceScreen({
		name: 'plan',
		kept: `${shown} is still on the ${plan} plan`,
		title: `plan of ${shown}`,
		heading: `Plan of ${shown}`,
		options: plans.map((label) => ({
			label,
			meaning: meanings[label],
			...(label === plan
				? {}
				: {
						act: changeOf(
							'updateOrganisation',
							{org_id: id, body: {plan: label}},
							{done: `${shown} is now on the ${label} plan`, reload: 'organisations'},
						),
					}),
			...(plan === 'team' && label !== plan ? {question: questionOf(organisation, label)} : {}),
		})),
	});
}

/** Off the team plan every key is refused at once. */
function questionOf({id, name}: Organisation, plan: Plan): Asked {
	const word = confirmation({name, id});
	return {
		name: 'changePlan',
		kept: `${clean(name)} is still on the team plan`,
		title: 'plan',
		question: `Move ${clean(name)} off the team plan, to ${plan}?`,
		facts: factsOf('Counting its keys and their calls …'),
		verb: 'Move it',
		busyText: 'Moving it …',
		word,
		ask: 'To go ahead, type',
		...(word === name ? {} : {wordIs: 'the end of its id'}),
		reads: {do: 'readReliance', organisation: id},
	};
}

function factsOf(cutOff: string): Question['facts'] {
	return [
		[cutOff, 'warning'],
		[
			'All of its keys get 403 immediately. Back on the team plan they work again; requests refused meanwhile cannot be recovered.',
			'plain',
		],
	];
}

/** The question about a plan, once it is known what would be cut off. */
export function hearOfReliance(
	screen: ConfirmScreen,
	event: Answer | Extract<Event, {type: 'failed'}>,
): ConfirmScreen {
	if (event.type !== 'relianceRead') return screen;
	const {organisation, reliance} = event;
	const {act} = screen;
	if (act.do !== 'change' || act.change.route !== 'updateOrganisation') return screen;
	if (!('org_id' in act.change.input) || act.change.input.org_id !== organisation) return screen;
	const text =
		reliance === undefined
			? 'It could not be read how many keys and calls this cuts off.'
			: `It has ${relianceText(reliance)}.`;
	return {...screen, facts: factsOf(text)};
}
