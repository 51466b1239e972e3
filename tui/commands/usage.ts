import {
	groupings,
	keyUsageExportQuery,
	keyUsageQuery,
	organisationUsageExportQuery,
	organisationUsageQuery,
	usageResults,
	type UsageSeries,
	usageSteps,
} from '../../contract/usage.ts';
import {exitCodes, Failure} from '../failure.ts';
import {writeCount} from '../text/count.ts';
import {percent} from '../text/gauge.ts';
import {sparseLine} from '../text/sparkline.ts';
import {moment} from '../text/time.ts';
import {glyphsFor} from '../glyphs.ts';
import {type GroupRow, groupRows, isRest, squeezed} from '../usage/groups.ts';
import {outcomeLabel} from '../usage/layers.ts';
import {answerItems, type Column} from './answer.ts';
import {type Command, type Context, organisationOption} from './command.ts';
import {checked, textFlag, timeFlag} from './flags.ts';
import {pour} from './hand-over.ts';
import {findKeyId} from './key-id.ts';
import {organisationId} from './organisation.ts';

const formats = ['table', 'csv', 'ndjson', 'json'] as const;

const usage: Command = {
	path: ['usage'],
	summary: 'Show how often API keys were checked over time: one key, those of an owner, or all',
	options: {
		...organisationOption,
		key: {type: 'string', value: 'ID|NAME', help: 'only of this key'},
		owner: {type: 'string', value: 'TYPE/ID', help: 'only of the keys of an owner'},
		from: {
			type: 'string',
			value: 'TIME',
			help: 'from this time on, such as 7d or 2030-01-15T10:30:00Z',
		},
		to: {type: 'string', value: 'TIME', help: 'until this time, instead of now'},
		step: {type: 'string', value: 'STEP', choices: usageSteps, help: 'time that each point covers'},
		'group-by': {
			type: 'string',
			value: 'WHAT',
			choices: groupings,
			help: 'what to group by, instead of outcomes',
		},
		result: {type: 'string', value: 'RESULT', choices: usageResults, help: 'only these checks'},
		top: {type: 'string', value: 'N', help: 'how many groups to name, at most 50'},
		format: {
			type: 'string',
			value: 'FORMAT',
			choices: formats,
			unasked: true,
			help: 'csv and ndjson have every point of every group, as they come',
		},
	},
	async run(context) {
		const {flags} = context;
		const format = textFlag(flags, 'format') ?? (flags['json'] === true ? 'json' : 'table');
		if (format === 'csv' || format === 'ndjson') return exportUsage(context, format);
		const series = await readSeries(context);
		if (format === 'json') {
			context.output.json(series);
			return exitCodes.done;
		}
		answerSeries(context, series);
		return exitCodes.done;
	},
};

export const commands: readonly Command[] = [usage];

const hint = 'See `latchkey usage --help`.';

/** What was asked for, as the server takes it. */
function given(context: Context) {
	const {flags} = context;
	const [from, to] = [timeFlag(context, 'from'), timeFlag(context, 'to')];
	const step = textFlag(flags, 'step');
	const result = textFlag(flags, 'result');
	const group_by = textFlag(flags, 'group-by');
	return {from, to, step, result, group_by, owner: textFlag(flags, 'owner')};
}

async function readSeries(context: Context): Promise<UsageSeries> {
	const {client, flags} = context;
	const wanted = textFlag(flags, 'key');
	const members = {...given(context), top: textFlag(flags, 'top')};
	if (wanted === undefined) {
		const query = checked(organisationUsageQuery, members, hint);
		const org_id = await organisationId(context);
		return (await client.call('organisationUsage', {org_id, query})).body;
	}
	const query = checked(keyUsageQuery, ofKey(members), hint);
	const org_id = await organisationId(context);
	const key_id = await findKeyId(client, org_id, wanted);
	// Without any of these the route tells less, in another form.
	const asked = {group_by: 'outcome', ...query} as const;
	return (await client.call('keyUsage', {org_id, key_id, query: asked})).body as UsageSeries;
}

/** @throws {Failure} usage: a key has one owner, so that only one of both can be meant */
function ofKey<Members extends {owner: string | undefined}>(members: Members) {
	const {owner, ...rest} = members;
	if (owner === undefined) return rest;
	throw new Failure('usage', '--owner cannot be given with --key', {field: 'owner', hint});
}

async function exportUsage(context: Context, format: 'csv' | 'ndjson'): Promise<number> {
	const {client, flags, terminal} = context;
	const wanted = textFlag(flags, 'key');
	if (flags['top'] !== undefined) {
		throw new Failure('usage', `--top cannot be given with --format ${format}`, {
			field: 'top',
			hint: 'Those formats have every group.',
		});
	}
	const members = {...given(context), format};
	const lines = await (async () => {
		if (wanted === undefined) {
			const query = checked(organisationUsageExportQuery, members, hint);
			const org_id = await organisationId(context);
			return client.download('exportOrganisationUsage', {org_id, query});
		}
		const query = checked(keyUsageExportQuery, ofKey(members), hint);
		const org_id = await organisationId(context);
		const key_id = await findKeyId(client, org_id, wanted);
		return client.download('exportKeyUsage', {org_id, key_id, query});
	})();
	for await (const chunk of lines) await pour(terminal, chunk);
	return exitCodes.done;
}

const trendWidth = 24;

function answerSeries(context: Context, series: UsageSeries): void {
	const {flags, output, environment, terminal} = context;
	const rows = groupRows(series);
	const {bars} = glyphsFor(environment);
	const trend: Column<GroupRow> = [
		'trend',
		(row) => sparseLine(squeezed(row.trend, trendWidth), bars),
	];
	const columns: Column<GroupRow>[] = [
		[series.group_by, (row) => nameOf(row, series)],
		['accepted', ({accepted}) => writeCount(accepted)],
		['refused', ({refused}) => writeCount(refused)],
		['share', ({share}) => (share === undefined ? '-' : percent(share, 1))],
		// A drawing tells nothing to whoever listens.
		...(terminal.spoken !== undefined ? [] : [trend]),
	];
	if (flags['quiet'] !== true) {
		output.say(`${moment(series.from)} to ${moment(series.to)}, by ${series.step}`);
	}
	answerItems(context, rows, {
		columns,
		id: (row) => nameOf(row, series),
		none: 'No key was checked in this period.',
	});
}

function nameOf(row: GroupRow, {group_by}: UsageSeries): string {
	if (isRest(row)) return 'others';
	if (row.group === null) return 'none';
	return group_by === 'outcome' ? outcomeLabel(row.group) : (row.name ?? row.group);
}
