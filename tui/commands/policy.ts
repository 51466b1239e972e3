import {keyPolicyRuleNames, type KeyPolicyState} from '../../contract/key-policies.ts';
import {exitCodes, Failure} from '../failure.ts';
import {readRules} from '../key-policies/changes.ts';
import {ruleOf, ruleStates, type RuleState} from '../key-policies/state.ts';
import {answerDone} from './answer.ts';
import {assignmentsOf} from './assignments.ts';
import {type Command, type Context, type Options, organisationOption} from './command.ts';
import {inForce} from './in-force.ts';
import {organisationId} from './organisation.ts';

const placeOptions = {
	...organisationOption,
	appliance: {
		type: 'boolean',
		help: 'what the appliance asks of every organisation (operators)',
	},
} as const satisfies Options;

/** Every rule, as an argument takes it. */
const ruleArguments: Options = Object.fromEntries(
	keyPolicyRuleNames.map((name) => {
		const {stands, takes, options, read} = ruleOf(name);
		const choices = options === undefined ? {read} : {choices: options};
		return [name, {type: 'string', value: stands, help: takes, ...choices} as const];
	}),
);

export const commands: readonly Command[] = [
	{
		path: ['policy', 'show'],
		summary: 'Show what is asked of API keys, and who asks for it',
		options: placeOptions,
		async run(context) {
			const {flags, output} = context;
			const {body: state} = await readPolicy(context);
			const rules = ruleStates(state);
			if (flags['json'] === true) output.json(state);
			else if (flags['quiet'] === true) output.lines(assignedIn(rules));
			else {
				output.table(
					['RULE', 'VALUE', 'FROM', 'OWN'],
					rules.map(({name, rule, effective, origin, own}) => [
						name,
						rule.write(effective),
						origin === 'nobody' ? '-' : origin,
						own === undefined ? '-' : rule.write(own),
					]),
				);
			}
			return exitCodes.done;
		},
	},
	{
		path: ['policy', 'set'],
		arguments: 'RULE=VALUE…',
		summary: 'Change what is asked of API keys; the other rules stay as they are',
		changes: true,
		options: placeOptions,
		assignments: ruleArguments,
		async run(context) {
			const body = askedFor(context);
			const place = await placeOf(context);
			const answer = await (place === 'appliance'
				? context.client.call('updateAppliancePolicy', {body})
				: context.client.call('updateKeyPolicy', {...place, body}));
			const whose = place === 'appliance' ? 'the appliance' : 'the organisation';
			const said = `Changed the key policy of ${whose}: in force ${inForce(answer)}.`;
			for (const {name, rule, effective, isOverruled} of ruleStates(answer.body)) {
				if (!isOverruled || !(name in body)) continue;
				context.output.say(`${name} holds as ${rule.write(effective)}, which is tighter.`);
			}
			return answerDone(context, answer.body, said);
		},
	},
];

/** The appliance, or the organisation that is meant. @throws {Failure} */
async function placeOf(context: Context): Promise<'appliance' | {org_id: string}> {
	const {flags} = context;
	if (flags['appliance'] !== true) return {org_id: await organisationId(context)};
	if (flags['org'] === undefined) return 'appliance';
	throw new Failure('usage', '--appliance is for every organisation: leave --org out');
}

async function readPolicy(context: Context): Promise<{body: KeyPolicyState}> {
	const place = await placeOf(context);
	return place === 'appliance'
		? context.client.call('getAppliancePolicy', {})
		: context.client.call('getKeyPolicy', place);
}

/** The rules that the arguments give, as a request has them. @throws {Failure} usage */
function askedFor(context: Context) {
	const hint = 'latchkey policy set max_lifetime_days=90d require_expiry=yes';
	const {values, problems} = readRules(assignmentsOf(context, ruleArguments, 'rule'));
	for (const [field, problem] of Object.entries(problems)) {
		const message = problem.startsWith(field) ? problem : `${field} ${problem}`;
		throw new Failure('usage', message, {field, hint});
	}
	if (Object.keys(values).length > 0) return values;
	throw new Failure('usage', 'Nothing to change', {hint});
}

/** What was set here, as `policy set` takes it. */
function assignedIn(rules: readonly RuleState[]): string[] {
	return rules.flatMap(({name, rule, own}) =>
		own === undefined ? [] : [`${name}=${rule.write(own)}`],
	);
}
