import {keyPolicyRuleNames} from '../../contract/key-policies.ts';
import {Failure} from '../failure.ts';
import type {PolicyPlace} from '../key-policies/calls.ts';
import {readRules} from '../key-policies/changes.ts';
import {ruleOf} from '../key-policies/state.ts';
import {assignmentsOf} from './assignments.ts';
import {type Context, type Options, organisationOption} from './command.ts';
import {organisationId} from './organisation.ts';

/* What the commands of key policies take: whose policy, and rules with their values. */

export const placeOptions = {
	...organisationOption,
	appliance: {
		type: 'boolean',
		help: 'the policy of the appliance, for every organisation (operators)',
	},
} as const satisfies Options;

/** Every rule, as an argument takes it. */
export const ruleArguments: Options = Object.fromEntries(
	keyPolicyRuleNames.map((name) => {
		const {stands, takes, options, read} = ruleOf(name);
		const choices = options === undefined ? {read} : {choices: options};
		return [name, {type: 'string', value: stands, help: takes, ...choices} as const];
	}),
);

/** The appliance, or the organisation that is meant. @throws {Failure} */
export async function placeOf(context: Context): Promise<PolicyPlace> {
	const {flags} = context;
	if (flags['appliance'] !== true) return {org_id: await organisationId(context)};
	if (flags['org'] === undefined) return 'appliance';
	throw new Failure('usage', '--appliance is for every organisation: leave --org out');
}

/** The rules that the arguments give, as a request has them. @throws {Failure} usage */
export function askedFor(context: Context) {
	const {values, problems} = readRules(assignmentsOf(context, ruleArguments, 'rule'));
	for (const [field, problem] of Object.entries(problems)) {
		const message = problem.startsWith(field) ? problem : `${field} ${problem}`;
		throw new Failure('usage', message, {field, hint: usage});
	}
	return values;
}

export const usage = 'latchkey policy set max_lifetime_days=90d require_expiry=yes';
