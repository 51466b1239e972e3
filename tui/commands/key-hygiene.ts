import {
	hygieneDefaults,
	keyFindingNames,
	keyHygieneQuery,
	type KeyFinding,
	type KeyHygiene,
	type KeyToMend,
} from '../../contract/key-hygiene.ts';
import {exitCodes} from '../failure.ts';
import {ago} from '../text/time.ts';
import type {Column} from './answer.ts';
import {organisationOption, type Context, type RemoteCommand} from './command.ts';
import {checked, daysFlag, numberFlag, textFlag} from './flags.ts';
import {organisationId} from './organisation.ts';
import {readReport, showReport, usualKeys} from './report-pages.ts';

const {idle_days, expiring_days, most_addresses} = hygieneDefaults;
const bound = (value: string, help: string) =>
	({type: 'string', value, help, unasked: true}) as const;

export const keyHygiene: RemoteCommand = {
	path: ['keys', 'hygiene'],
	summary: 'Show which live API keys somebody should look after, why, and how to fix it',
	options: {
		...organisationOption,
		finding: {
			type: 'string',
			value: 'FINDING',
			choices: keyFindingNames,
			help: 'only keys with this finding',
		},
		'idle-days': bound('SPAN', `after how long without use a key is idle (${idle_days}d)`),
		'expiring-days': bound('SPAN', `within what time a key that ends expires (${expiring_days}d)`),
		'most-addresses': bound(
			'N',
			`from how many addresses a key may be used before it is shared (${most_addresses})`,
		),
		limit: {type: 'string', value: 'N', help: `at most this many keys (${usualKeys})`},
	},
	run: answerHygiene,
};

/** @throws {Failure} */
async function answerHygiene(context: Context): Promise<number> {
	const {client, flags} = context;
	const asked = {
		finding: textFlag(flags, 'finding'),
		idle_days: daysFlag(flags, 'idle-days'),
		expiring_days: daysFlag(flags, 'expiring-days'),
		most_addresses: textFlag(flags, 'most-addresses'),
	};
	const query = checked(keyHygieneQuery, asked, 'latchkey keys hygiene --help');
	const most = numberFlag(flags, 'limit');
	const org_id = await organisationId(context);
	const report = await readReport(
		(page) => client.call('getKeyHygiene', {org_id, query: {...query, ...page}}),
		most,
	);
	const facts = countFacts(report.found);
	const columns = columnsOf(keyFindingNames.find((name) => name === query.finding));
	showReport(context, report, {facts, columns});
	return exitCodes.done;
}

/** Where one finding is asked for, what is said of each key; else what is found of it. */
function columnsOf(finding: KeyFinding | undefined): readonly Column<KeyToMend>[] {
	const told = ({findings}: KeyToMend) =>
		findings.filter((each) => finding === undefined || each.finding === finding);
	return [
		['id', ({id}) => id],
		['name', ({name}) => name],
		['last used', ({last_used_at}, now) => ago(last_used_at, now)],
		['do', (key) => [...new Set(told(key).map(({action}) => action.name))].join(', ')],
		finding === undefined
			? [
					'found',
					(key) =>
						told(key)
							.map((each) => each.finding)
							.join(', '),
				]
			: [
					'why',
					(key) =>
						told(key)
							.map(({detail}) => detail)
							.join('; '),
				],
	];
}

/** How many keys there are, and have each finding that some have. */
function countFacts({counts}: KeyHygiene): [string, string][] {
	if (counts === null) return [];
	const number = (count: number) => count.toLocaleString('en');
	return [
		['keys', number(counts.keys)],
		['to look after', number(counts.affected)],
		...keyFindingNames
			.filter((name) => counts.findings[name] > 0)
			.map((name): [string, string] => [name, number(counts.findings[name])]),
	];
}
