import {type KeyPolicyRule, keyPolicyRuleNames} from '../../../../contract/key-policies.ts';
import {isDeepStrictEqual} from 'node:util';
import {type Answer, changeOf, type Change, type PolicyAsRead} from '../../../app/effect.ts';
import {allowed, changing} from '../../../app/guards.ts';
import type {Model, Step} from '../../../app/model.ts';
import {push, setTop, top} from '../../../app/navigation.ts';
import type {Form} from '../../../components/form/shape.ts';
import {formOf} from '../../../components/form/state.ts';
import {fieldOf} from '../../../components/text-field/state.ts';
import {readRules, textsOf} from '../../../key-policies/changes.ts';
import {policyParts} from '../../../key-policies/parts.ts';
import {ruleOf, ruleStates, tightened} from '../../../key-policies/state.ts';
import {meanwhile} from '../../kinds/form/meanwhile.ts';
import type {FormScreen} from '../../kinds/form/screen.ts';
import type {FormSpec} from '../../kinds/form/spec.ts';
import type {PolicyList} from './list.ts';
import {permissionOf, placeOf, whoseKeys} from './place.ts';
import {isAsked, newPolicyQuestion} from './question.ts';

type Texts = Readonly<Record<string, string>>;

/** Reads the policy as it is now; the form opens with that. */
export function startEditPolicy(model: Model, list: PolicyList, now: number): Step {
	const refusal =
		list === 'organisationPolicy'
			? 'Only admins and owners change the key policy'
			: 'Only operators change what the appliance asks';
	return changing(model, now, () =>
		allowed(model, now, permissionOf(list), refusal, () => {
			const place = placeOf(model, list);
			return place === undefined ? [model] : [model, {do: 'readPolicyToChange', list, place}];
		}),
	);
}

export function openEditPolicy(model: Model, read: PolicyAsRead): Step {
	return [push(model, {type: 'form', name: 'editKeyPolicy', policy: read, form: formFor(read)})];
}

function formFor({state}: PolicyAsRead): Form {
	const texts = textsOf(state.own);
	const fields = keyPolicyRuleNames.map((name) => {
		const {label, part, options} = ruleOf(name);
		const initial = texts[name] ?? '';
		const field = {name, label, part, initial, value: fieldOf(initial)};
		return options === undefined ? field : {...field, options};
	});
	return formOf(fields, policyParts);
}

export const editKeyPolicyForm: FormSpec = {
	title: 'edit',
	heading: (model, {policy}) => whoseKeys(model, policy?.list ?? 'organisationPolicy'),
	advice:
		'Only what you change is sent, and only if nobody else changed the policy meanwhile. An emptied field asks for nothing.',
	busyText: 'Looking at the existing keys …',
	idle: 'Nothing was changed: the policy asks for all of this already.',
	validate: (texts) => readRules(texts).problems,
	notes: (texts, _now, {policy}) => notesOn(texts, policy),
	act(texts, _model, {policy}) {
		if (policy === undefined) return undefined;
		const body = changesOf(texts, policy);
		if (Object.keys(body).length === 0) return undefined;
		const change = changePolicy(policy, body);
		const isTighter = tightened(policy.state.own, body).length > 0;
		return isTighter ? {do: 'tryPolicy', policy, body, change: change.change} : change;
	},
	onAnswer(model, screen, event) {
		if (event.type === 'policyReadToChange' && event.read.list === screen.policy?.list) {
			return [reread(model, screen, event.read)];
		}
		const isTried = event.type === 'policyTried' && top(model) === screen;
		return isTried ? tried(model, screen, event) : undefined;
	},
};

/** Goes on with a change that nothing speaks against, or asks about it in the place of the form. */
function tried(
	model: Model,
	screen: FormScreen,
	{of, trial}: Extract<Answer, {type: 'policyTried'}>,
): Step {
	const asked = {...of, trial};
	if (!isAsked(asked)) return [model, {do: 'change', change: of.change}];
	const back = {...screen, form: {...screen.form, busy: false}};
	return [setTop(model, {...newPolicyQuestion(model, asked), back})];
}

/** The rules that shall be something else. */
function changesOf(texts: Texts, {state}: PolicyAsRead) {
	const before = textsOf(state.own);
	const touched = Object.entries(texts).filter(([name, text]) => text !== before[name]);
	const {values} = readRules(Object.fromEntries(touched));
	const changed = Object.entries(values).filter(
		([name, value]) => !isDeepStrictEqual(value, state.own[name as KeyPolicyRule]),
	);
	return Object.fromEntries(changed) as typeof values;
}

function changePolicy(
	{list, place, tag}: PolicyAsRead,
	body: ReturnType<typeof changesOf>,
): {do: 'change'; change: Change} {
	const then = {
		done: 'Changed the key policy: in force',
		tellsWhere: true,
		reload: list,
		unknown:
			'It is not known whether it was changed. Press Ctrl-X to ask again: you are told if it was.',
		stale: {do: 'readPolicyToChange', list, place},
	} as const;
	return place === 'appliance'
		? changeOf('updateAppliancePolicy', {body, ifMatch: tag}, then)
		: changeOf('updateKeyPolicy', {...place, body, ifMatch: tag}, then);
}

/** What each rule takes or means, and what the appliance asks for whatever is written here. */
function notesOn(texts: Texts, policy: PolicyAsRead | undefined): Record<string, string> {
	const {meanings} = readRules(texts);
	const states = policy === undefined ? [] : ruleStates(policy.state);
	return Object.fromEntries(
		states.map(({name, rule, appliance}) => {
			const floor =
				appliance === undefined ? '' : `; the appliance asks for ${rule.show(appliance)}`;
			return [name, `${meanings[name] ?? rule.takes}${floor}`];
		}),
	);
}

/** The form of a policy that somebody else changed meanwhile. */
function reread(model: Model, screen: FormScreen, read: PolicyAsRead): Model {
	const form = meanwhile(
		screen.form,
		textsOf(read.state.own),
		'Somebody else changed this policy meanwhile, and nothing was sent. What you typed is kept; Ctrl-X sends it over theirs.',
	);
	return setTop(model, {...screen, policy: read, form});
}
