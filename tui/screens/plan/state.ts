import {type Organisation, type Plan, plans} from '../../../contract/organisations.ts';
import {changeOf} from '../../app/change.ts';
import type {ChoiceScreen} from '../../app/model.ts';
import {clean} from '../../text/clean.ts';
import {newChoiceScreen} from '../choice/state.ts';

const meanings: Record<Plan, string> = {
	free: 'no API keys; keys made before are refused',
	pro: 'no API keys; keys made before are refused',
	team: 'API keys',
};

export function newPlanScreen({id, name, plan}: Organisation): ChoiceScreen {
	const shown = clean(name);
	return newChoiceScreen({
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
							{done: `${shown} is on the ${label} plan now`, reload: 'organisations'},
						),
					}),
		})),
	});
}
