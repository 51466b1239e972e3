import type {KeyPolicy} from '../../contract/key-policies.ts';
import {exitCodes, Failure} from '../failure.ts';
import {type PolicyPlace, readPolicy} from '../key-policies/calls.ts';
import {ruleStates, type RuleState, tightened} from '../key-policies/state.ts';
import {
	brokenText,
	newlyBroken,
	newlyRefused,
	refusedText,
	type Trial,
	tryPolicy,
} from '../key-policies/trial.ts';
import {answerDone} from './answer.ts';
import {type Command, confirmOption, type Context} from './command.ts';
import {agrees, confirmedByFlag} from './confirm.ts';
import {inForce} from './in-force.ts';
import {askedFor, placeOf, placeOptions, ruleArguments, usage} from './policy-arguments.ts';
import {impact} from './policy-impact.ts';

export const commands: readonly Command[] = [
	{
		path: ['policy', 'show'],
		summary: 'Show the rules that API keys must meet, and who set them',
		options: placeOptions,
		async run(context) {
			const {flags, output} = context;
			const {body: state} = await readPolicy(context.client, await placeOf(context));
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
		summary: 'Change the rules that API keys must meet; those not named stay as they are',
		changes: true,
		options: {...placeOptions, ...confirmOption},
		assignments: ruleArguments,
		async run(context) {
			const body = askedFor(context);
			if (Object.keys(body).length === 0) {
				throw new Failure('usage', 'Nothing to change', {hint: usage});
			}
			const place = await placeOf(context);
			const trial = await triedOut(context, place, body);
			if (trial !== undefined && !(await isAgreed(context, trial))) {
				context.output.say('Nothing was changed.');
				return exitCodes.usage;
			}
			const answer = await (place === 'appliance'
				? context.client.call('updateAppliancePolicy', {body})
				: context.client.call('updateKeyPolicy', {...place, body}));
			const whose = place === 'appliance' ? 'the appliance' : 'the organisation';
			const said = `Changed the key policy of ${whose}: in force ${inForce(answer)}.`;
			for (const {name, rule, effective, isOverruled} of ruleStates(answer.body)) {
				if (!isOverruled || !(name in body)) continue;
				context.output.say(`${name} holds as ${rule.write(effective)}, which is stricter.`);
			}
			for (const {name, ...counts} of trial === undefined ? [] : newlyBroken(trial)) {
				context.output.say(`${name} is broken by ${brokenText(counts)}: see \`policy impact\`.`);
			}
			return answerDone(context, answer.body, said);
		},
	},
	impact,
];

/** What a change means for the keys that are there; undefined where that is not asked about. @throws {Failure} */
async function triedOut(
	{client, flags}: Context,
	place: PolicyPlace,
	body: Partial<KeyPolicy>,
): Promise<Trial | undefined> {
	if (flags['yes'] === true) return undefined;
	const {body: state} = await readPolicy(client, place);
	const names = tightened(state.own, body);
	return names.length === 0 ? undefined : tryPolicy(client, place, body, names);
}

/** Asks before keys that work are refused. @throws {Failure} usage */
async function isAgreed(context: Context, trial: Trial): Promise<boolean> {
	const refused = newlyRefused(trial);
	if (refused === 0 || confirmedByFlag(context, 'With this', `${refusedText(refused)}`))
		return true;
	return agrees(context, `With this ${refusedText(refused)}. Change it?`);
}

/** What was set here, as `policy set` takes it. */
function assignedIn(rules: readonly RuleState[]): string[] {
	return rules.flatMap(({name, rule, own}) =>
		own === undefined ? [] : [`${name}=${rule.write(own)}`],
	);
}
