import {setTimeout as sleep} from 'node:timers/promises';
import {
	type AuditEntry,
	auditExportQuery,
	auditQuery,
	defaultAuditPage,
} from '../../contract/audit-trail.ts';
import {auditOutcomes} from '../../contract/audit.ts';
import {pages} from '../client/pages.ts';
import type {Input} from '../client/request.ts';
import {exitCodes, Failure} from '../failure.ts';
import {clean} from '../text/clean.ts';
import {fit} from '../text/width.ts';
import {type Column, listing, newFile} from './answer.ts';
import {type Command, type Context, organisationOption} from './command.ts';
import {checked, numberFlag, periodFlags, textFlag} from './flags.ts';
import {pour} from './hand-over.ts';
import {organisationId} from './organisation.ts';
import {isParty, partyOf} from './audit-party.ts';
import {createPatience} from './patience.ts';

const columns: readonly Column<AuditEntry>[] = [
	['time', ({recorded_at}) => `${recorded_at.slice(0, 10)} ${recorded_at.slice(11, 23)}`],
	['action', ({action}) => action],
	['outcome', ({outcome}) => outcome],
	['actor', ({actor}) => nameOf(actor)],
	['target', ({target}) => nameOf(target)],
	['from', ({address}) => address ?? '-'],
];

/** Followed entries come one by one, so that nobody knows how wide the next one is. */
const followedWidths = [23, 24, 7, 24, 24, 15];

const chainOptions = {
	...organisationOption,
	appliance: {type: 'boolean', help: 'the trail of the appliance itself (operators)'},
	since: {
		type: 'string',
		value: 'TIME',
		help: 'from this time on, such as 1h or 2030-01-15T10:30:00Z',
	},
	until: {type: 'string', value: 'TIME', help: 'before this time'},
} as const;

const list = listing<AuditEntry>({
	path: ['audit', 'list'],
	summary: 'List the audit trail, newest first, or follow it',
	options: {
		...chainOptions,
		action: {type: 'string', value: 'ACTION,…', help: 'only these actions, such as key.revoked'},
		actor: {
			type: 'string',
			value: 'ID|NAME',
			help: 'only what this person or program did, such as ana@example.com',
		},
		target: {
			type: 'string',
			value: 'ID|NAME',
			help: 'only what was done to this, such as billing-prod',
		},
		outcome: {type: 'string', value: 'OUTCOME', choices: auditOutcomes, help: 'only these'},
		follow: {
			type: 'boolean',
			short: 'f',
			unasked: true,
			help: 'oldest first, and go on with what is new',
		},
	},
	columns,
	id: ({sequence}) => String(sequence),
	none: 'No entries.',
	most: defaultAuditPage,
	pages: newestFirst,
});

export const commands: readonly Command[] = [
	{...list, run: (context) => (context.flags['follow'] === true ? follow : list.run)(context)},
	{
		path: ['audit', 'export'],
		summary: 'Write the trail out, to be proved by `latchkey audit verify`',
		options: {
			...chainOptions,
			after: {type: 'string', value: 'SEQUENCE', help: 'only entries after this one'},
			out: {type: 'string', value: 'FILE', help: 'to a new file (mode 0600) instead of stdout'},
		},
		run: exportTrail,
	},
	{
		path: ['audit', 'verify'],
		arguments: '[FILE]',
		summary: 'Prove the trail, or an export of it, against the signed heads',
		options: {
			keys: {
				type: 'string',
				value: 'FILE|URL',
				help: 'public keys: a file, or the server that is asked for them',
			},
			head: {type: 'string', value: 'HEAD', help: 'compare with a head that was kept elsewhere'},
			org: {type: 'string', value: 'ID', help: 'only the trail of this organisation'},
		},
		runHere() {
			throw new Failure('usage', 'audit verify runs only on the machine of the appliance', {
				hint: 'This is the console alone: docs/audit.md says how to prove an export elsewhere.',
			});
		},
	},
];

type Filters = NonNullable<Input<'listAudit'>['query']>;

function filtersOf(context: Context): Filters {
	const {flags} = context;
	const given = {
		action: flags['action'],
		outcome: flags['outcome'],
		...periodFlags(context),
	};
	return checked(auditQuery, given, 'See `latchkey audit list --help`.');
}

/** What is asked of the server, and what it cannot be asked and is looked for in what it tells. */
async function searchOf(context: Context) {
	const filters = filtersOf(context);
	const org_id = await chainOf(context);
	const actor = await partyOf(context, 'actor', org_id);
	const target = await partyOf(context, 'target', org_id);
	const query = {
		...filters,
		...(actor !== undefined && 'id' in actor ? {actor: actor.id} : {}),
		...(target !== undefined && 'id' in target ? {target: target.id} : {}),
	};
	const isAsked = (entry: AuditEntry) =>
		isParty(actor, entry.actor) && isParty(target, entry.target);
	const isAll = [actor, target].every((party) => party === undefined || 'id' in party);
	return {org_id, query, isAsked, isAll};
}

type Search = Awaited<ReturnType<typeof searchOf>>;

async function* newestFirst(
	context: Context,
	most: number | undefined,
	search?: Search,
): AsyncGenerator<{body: AuditEntry[]}> {
	const {client} = context;
	const {org_id, query, isAsked, isAll} = search ?? (await searchOf(context));
	const read = isAll ? most : undefined;
	let left = most ?? Number.POSITIVE_INFINITY;
	const found =
		org_id === undefined
			? pages(client, 'listApplianceAudit', {query}, read)
			: pages(client, 'listAudit', {org_id, query}, read);
	for await (const {body} of found) {
		const asked = body.filter(isAsked).slice(0, left);
		yield {body: asked};
		left -= asked.length;
		if (left <= 0) return;
	}
}

/** Milliseconds between two looks at what is new. */
const lookEvery = 2000;

/**
 * Prints what there is and then what is added, for ever. Sequences have no gaps, so a server that
 * is away for a while costs nothing: it is asked again, and goes on after the last entry seen.
 */
async function follow(context: Context): Promise<number> {
	const {client, flags, output} = context;
	const search = await searchOf(context);
	const {org_id, isAsked} = search;
	const {until: _, ...filters} = search.query;
	const most = numberFlag(flags, 'limit') ?? defaultAuditPage;
	const entries: AuditEntry[] = [];
	for await (const {body} of newestFirst(context, most, search)) entries.push(...body);
	print(context, entries.toReversed());
	let after = entries[0]?.sequence ?? 0;
	const patiently = createPatience(output, lookEvery);
	for (;;) {
		const query = {...filters, after: String(after), limit: '1000'};
		const {body} = await patiently(async () =>
			org_id === undefined
				? await client.call('listApplianceAudit', {query})
				: await client.call('listAudit', {org_id, query}),
		);
		print(context, body.filter(isAsked));
		after = body.at(-1)?.sequence ?? after;
		if (body.length === 0) await sleep(lookEvery);
	}
}

function print({flags, output, now}: Context, entries: readonly AuditEntry[]): void {
	if (flags['json'] === true || flags['jsonl'] === true) output.jsonLines(entries);
	else if (flags['quiet'] === true) output.lines(entries.map(({sequence}) => String(sequence)));
	else {
		const line = (entry: AuditEntry) =>
			columns.map(([, cell], at) => fit(clean(cell(entry, now)), followedWidths[at] ?? 0));
		output.lines(entries.map((entry) => line(entry).join('  ').trimEnd()));
	}
}

async function exportTrail(context: Context): Promise<number> {
	const {client, flags, output, terminal} = context;
	const given = {after: flags['after'], ...periodFlags(context)};
	const query = checked(auditExportQuery, given, 'See `latchkey audit export --help`.');
	const org_id = await chainOf(context);
	const lines = await (org_id === undefined
		? client.download('exportApplianceAudit', {query})
		: client.download('exportAudit', {org_id, query}));
	const out = textFlag(flags, 'out');
	const file = newFile(out);
	let end = '';
	try {
		for await (const chunk of lines) {
			end = (end + chunk.toString('latin1')).slice(-longestEnd);
			if (file !== undefined) file.write(chunk);
			else await pour(terminal, chunk);
		}
		if (!isEnd(end)) throw new Failure('unexpected', 'The export was cut off before its end');
	} catch (error) {
		file?.discard();
		throw error;
	}
	file?.close();
	if (out !== undefined) {
		const prove = `latchkey audit verify ${out} --keys ${client.url.origin}`;
		output.say(`Prove it with \`${prove}\`, or with keys that you kept before.`);
	}
	return exitCodes.done;
}

/** More than the last line of an export can be. */
const longestEnd = 2048;

/** Whether an export ends with the line that says so. */
function isEnd(text: string): boolean {
	const last = text.slice(text.lastIndexOf('\n', text.length - 2) + 1);
	return text.endsWith('\n') && last.startsWith('{"export":"end",');
}

/** The organisation whose trail it is; undefined for that of the appliance. */
async function chainOf(context: Context): Promise<string | undefined> {
	return context.flags['appliance'] === true ? undefined : organisationId(context);
}

function nameOf({type, name, id}: AuditEntry['actor']): string {
	const known = [name, id].find((value) => typeof value === 'string' && value !== '');
	return typeof known === 'string' ? `${type} ${known}` : type;
}
