import type {KeyPolicyState} from '../../../../contract/key-policies.ts';
import {policyParts, type PolicyPart} from '../../../key-policies/parts.ts';
import {ruleStates, type RuleState} from '../../../key-policies/state.ts';
import type {Part} from '../../../components/line.tsx';
import {ago} from '../../../text/time.ts';
import {wrap} from '../../../text/width.ts';

const titleWidth = 11;
const labelWidth = 20;
const originWidth = 13;
/** From this width on there is room for the names that commands and the API have. */
const wideFrom = 106;
const nameWidth = 24;

/** Every rule with what holds, and who asks for it. */
export function policyLines(
	state: KeyPolicyState,
	whose: string,
	now: number,
	width: number,
): Part[][] {
	const rules = ruleStates(state);
	const changed = state.updated_at === null ? 'never set' : `changed ${ago(state.updated_at, now)}`;
	return [
		[],
		[
			[whose, 'strong'],
			[`, ${changed}`, 'dim'],
		],
		[],
		...Object.entries(policyParts).flatMap(([part, {title}]) => {
			const own = rules.filter(({rule}) => rule.part === (part as PolicyPart));
			return own.flatMap((each, index) => ruleLines(each, index === 0 ? title : '', width));
		}),
		[],
		...advice(state).flatMap((text) => wrap(text, width).map((line): Part[] => [[line, 'dim']])),
	];
}

function ruleLines(each: RuleState, title: string, width: number): Part[][] {
	const {name, rule, effective, origin} = each;
	const isWide = width >= wideFrom;
	const indent = titleWidth + labelWidth;
	const room = width - indent - originWidth - (isWide ? nameWidth : 0);
	const isAsked = origin !== 'nobody';
	const [first = '', ...more] = wrap(rule.show(effective), room - 1);
	return [
		[
			[title.padEnd(titleWidth), 'dim'],
			[rule.label.padEnd(labelWidth)],
			[first.padEnd(room), isAsked ? 'strong' : 'dim'],
			[(isAsked ? origin : '-').padEnd(originWidth), 'dim'],
			...(isWide ? [[name, 'dim'] as const] : []),
		],
		...more.map((line): Part[] => [[' '.repeat(indent)], [line, 'strong']]),
		...overruled(each, width - indent).map((line): Part[] => [
			[' '.repeat(indent)],
			[line, 'warning'],
		]),
	];
}

/** What was set here and does not hold as it is. */
function overruled({rule, own, isOverruled}: RuleState, width: number): string[] {
	return isOverruled ? wrap(`! ${rule.show(own)} was set here: the stricter one holds`, width) : [];
}

function advice({appliance}: KeyPolicyState): string[] {
	return [
		'A key that breaks a rule is refused when it is made, changed or rotated.',
		appliance === null
			? 'Organisations can ask for more than this, never for less.'
			: 'Of what the organisation and the appliance ask for, the stricter one holds.',
	];
}
