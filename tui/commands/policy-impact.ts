import {type KeyPolicyChanges, rulesOfKeys} from '../../contract/key-policies.ts';
import type {KeyPolicyImpact} from '../../contract/key-policy-impact.ts';
import {exitCodes} from '../failure.ts';
import {type PolicyPlace, readImpact} from '../key-policies/calls.ts';
import {clean} from '../text/clean.ts';
import {ago} from '../text/time.ts';
import type {Column} from './answer.ts';
import type {Context, RemoteCommand} from './command.ts';
import {numberFlag} from './flags.ts';
import {readReport, showReport, usualKeys} from './report-pages.ts';
import {askedFor, placeOf, placeOptions, ruleArguments} from './policy-arguments.ts';

export const impact: RemoteCommand = {
	path: ['policy', 'impact'],
	arguments: '[RULE=VALUE…]',
	summary: 'Show which keys break which rule, as the policy is or would be with these rules',
	options: {
		...placeOptions,
		rule: {
			type: 'string',
			value: 'RULE',
			choices: rulesOfKeys,
			help: 'only keys that break this one',
		},
		limit: {type: 'string', value: 'N', help: `at most this many keys (${usualKeys})`},
	},
	assignments: ruleArguments,
	run: answerImpact,
};

type AffectedKey = KeyPolicyImpact['keys'][number];

const keyColumns: readonly Column<AffectedKey>[] = [
	['id', ({id}) => id],
	['name', ({name}) => clean(name)],
	['last used', ({last_used_at}, now) => ago(last_used_at, now)],
	['breaks', ({breaches}) => breaches.map(({rule}) => rule).join(', ')],
];
const organisationColumn: Column<AffectedKey> = [
	'organisation',
	({organization}) => clean(organization.name),
];

/** @throws {Failure} */
async function answerImpact(context: Context): Promise<number> {
	const body = askedFor(context);
	const place = await placeOf(context);
	const report = await read(context, place, body);
	const facts = countFacts(report.found);
	const columns = place === 'appliance' ? [...keyColumns, organisationColumn] : keyColumns;
	showReport(context, report, {facts, columns});
	return exitCodes.done;
}

/** @throws {Failure} */
function read({client, flags}: Context, place: PolicyPlace, body: KeyPolicyChanges) {
	const proposed = Object.keys(body).length === 0 ? undefined : body;
	const rule = rulesOfKeys.find((name) => name === flags['rule']);
	return readReport(
		(page) => readImpact(client, place, {rule, ...page}, proposed),
		numberFlag(flags, 'limit'),
	);
}

/** How many keys there are, and break each rule that some break. */
function countFacts({counts}: KeyPolicyImpact): [string, string][] {
	if (counts === null) return [];
	const number = (count: number) => count.toLocaleString('en');
	return [
		['keys', number(counts.keys)],
		['break a rule', number(counts.affected)],
		...rulesOfKeys
			.filter((name) => counts.rules[name] > 0)
			.map((name): [string, string] => [name, number(counts.rules[name])]),
		['lived too long', number(counts.outlived)],
		['refused for it', number(counts.refused)],
	];
}
