import {noticeDays, type KeyPolicyRule} from '../../../../contract/key-policies.ts';
import type {Change, PolicyAsRead} from '../../../app/effect.ts';
import type {Model} from '../../../app/model.ts';
import {ruleOf} from '../../../key-policies/state.ts';
import {
	brokenText,
	namesOf,
	newlyBroken,
	newlyRefused,
	refusedText,
	type Trial,
} from '../../../key-policies/trial.ts';
import type {ConfirmScreen, Question} from '../../kinds/confirm/screen.ts';
import {newConfirmScreen} from '../../kinds/confirm/state.ts';
import {whoseKeys} from './place.ts';

type Facts = Question['facts'];
type Asked = {
	readonly policy: PolicyAsRead;
	readonly body: Partial<Record<KeyPolicyRule, unknown>>;
	readonly change: Change;
	/** Undefined: what it means could not be read. */
	readonly trial: Trial | undefined;
};

/** Whether a change means so much for the keys that are there that it is asked about. */
export function isAsked({trial, body, policy}: Omit<Asked, 'change'>): boolean {
	const isEnforced =
		body.applies_to_existing === 'enforce' && policy.state.own.applies_to_existing !== 'enforce';
	if (isEnforced || trial === undefined) return true;
	return newlyRefused(trial) > 0 || newlyBroken(trial).length > 0;
}

/** What a change means for the keys that are there, before it is made. */
export function newPolicyQuestion(model: Model, asked: Asked): ConfirmScreen {
	const {policy, change, trial} = asked;
	const refused = trial === undefined ? 0 : newlyRefused(trial);
	const whose = whoseKeys(model, policy.list);
	const question: Question = {
		name: 'changePolicy',
		kept: 'the policy was not changed',
		title: 'impact',
		question: `Change ${whose.charAt(0).toLowerCase()}${whose.slice(1)}?`,
		facts: [
			...changeFacts(asked),
			['', 'plain'],
			...(trial === undefined ? unreadFacts : trialFacts(trial, policy)),
		],
		verb: 'Change it',
		busyText: 'Changing the policy …',
		...(refused === 0
			? {undo: 'e changes it back.'}
			: {word: `refuse ${refused}`, ask: 'To have them refused, type'}),
	};
	return newConfirmScreen(question, {do: 'change', change});
}

function changeFacts({policy, body}: Asked): Facts {
	return Object.entries(body).map(([name, value]) => {
		const rule = ruleOf(name as KeyPolicyRule);
		const before = rule.show(policy.state.own[name as KeyPolicyRule]);
		return [`${rule.label}: ${rule.show(value)} (${before} before)`, 'plain'];
	});
}

const unreadFacts: Facts = [['What it means for existing keys could not be read.', 'warning']];

function trialFacts(trial: Trial, policy: PolicyAsRead): Facts {
	const refused = newlyRefused(trial);
	const broken = newlyBroken(trial);
	const names = namesOf(trial, broken, policy.place === 'appliance');
	const facts: (readonly [string, 'bad' | 'warning' | 'plain' | 'dim'])[] = [
		...(refused === 0 ? [] : ([[`! ${refusedText(refused)}.`, 'bad']] as const)),
		...broken.map(
			({name, ...counts}) =>
				[`${ruleOf(name).label}: broken by ${brokenText(counts)}`, 'warning'] as const,
		),
		...(names.length === 0 ? [] : ([[`Among them ${names.join(', ')}.`, 'plain']] as const)),
	];
	if (facts.length === 0)
		return [['No working key is refused or breaks a rule because of it.', 'plain']];
	if (refused > 0) return facts;
	if (broken.some(({name}) => name === 'idle_suspend_days')) {
		const then = `Those that nobody uses are suspended in ${noticeDays} days, when they were told of.`;
		return [...facts, [then, 'warning']];
	}
	return [...facts, ['They go on working as they are.', 'dim']];
}
