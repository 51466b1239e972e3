import {setTimeout as sleep} from 'node:timers/promises';
import {type KeyDecision, decisionsQuery, watchedOutcomes} from '../../contract/decisions.ts';
import {
	leftOutText,
	moreOfDecision,
	outcomeOfDecision,
	timeOfDecision,
	doorOfDecision,
} from '../api-keys/decisions.ts';
import type {Input} from '../client/request.ts';
import {exitCodes} from '../failure.ts';
import {clean} from '../text/clean.ts';
import {fit} from '../text/width.ts';
import type {Column} from './answer.ts';
import {type Command, type Context, organisationOption} from './command.ts';
import {checked, durationFlag, textFlag} from './flags.ts';
import {findKeyId} from './key-id.ts';
import {organisationId} from './organisation.ts';
import {createPatience} from './patience.ts';

/** Each with its width: decisions come one by one, so that nobody knows how wide the next one is. */
const columns: readonly (readonly [...Column<KeyDecision>, width: number])[] = [
	['time', timeOfDecision, 12],
	['outcome', outcomeOfDecision, 17],
	['key', ({key_name: name}) => name, 24],
	['from', ({address}) => address ?? '-', 15],
	['by', doorOfDecision, 28],
	['more', moreOfDecision, 60],
];

/** Milliseconds between two questions: servers tell what they decided once a second. */
const askEvery = 1000;
/** Who listens is asked what comes next after so long. */
const spokenFor = 30_000;

export const commands: readonly Command[] = [
	{
		path: ['tail'],
		summary: 'Show decisions about API keys as they are made',
		options: {
			...organisationOption,
			key: {type: 'string', value: 'ID|NAME', help: 'only about this key'},
			outcome: {
				type: 'string',
				value: 'OUTCOME',
				choices: watchedOutcomes,
				help: 'only decisions with this outcome, or all that were refused',
			},
			for: {type: 'string', value: 'SPAN', help: 'stop after this long, such as 30s'},
		},
		run: follow,
	},
];

/** Prints what is decided from now on. What was chosen by chance is told with how many more there were. */
async function follow(context: Context): Promise<number> {
	const {client, flags, output, terminal} = context;
	const given =
		durationFlag(flags, 'for') ?? (terminal.spoken !== undefined ? spokenFor : undefined);
	const end = performance.now() + (given ?? Number.POSITIVE_INFINITY);
	const isOver = () => performance.now() >= end;
	const outcome = {outcome: textFlag(flags, 'outcome')};
	const filter = checked(decisionsQuery, outcome, 'See `latchkey tail --help`.');
	const org_id = await organisationId(context);
	const wanted = textFlag(flags, 'key');
	const key_id = wanted === undefined ? undefined : await findKeyId(client, org_id, wanted);
	const ask = async (after: string | undefined) => {
		const query: Input<'listDecisions'>['query'] = {
			...filter,
			...(key_id === undefined ? {} : {key_id}),
			...(after === undefined ? {} : {after}),
		};
		return (await client.call('listDecisions', {org_id, query})).body;
	};
	const patiently = createPatience(output, askEvery, isOver);
	let {after} = await ask(undefined);
	output.say('Watching decisions as they are made; Ctrl-C stops.');
	while (!isOver()) {
		await sleep(Math.min(askEvery, end - performance.now()));
		const told = await patiently(() => ask(after));
		({after} = told);
		print(context, told.decisions);
		const leftOut = leftOutText(told.left_out);
		if (leftOut !== undefined) output.say(leftOut);
	}
	return exitCodes.done;
}

function print({flags, output, terminal, now}: Context, decisions: readonly KeyDecision[]): void {
	if (flags['json'] === true) output.jsonLines(decisions);
	else if (flags['quiet'] === true) output.lines(decisions.map(({key_id: id}) => id));
	else if (terminal.spoken !== undefined) {
		const cells = (decision: KeyDecision) => columns.map(([, cell]) => cell(decision, now));
		output.table(
			columns.map(([title]) => title.toUpperCase()),
			decisions.map(cells),
		);
	} else {
		const {columns: room = Number.POSITIVE_INFINITY} = terminal.stdout;
		const line = (decision: KeyDecision) =>
			columns.map(([, cell, width]) => fit(clean(cell(decision, now)), width)).join('  ');
		output.lines(
			decisions.map((each) =>
				(room === Number.POSITIVE_INFINITY ? line(each) : fit(line(each), room)).trimEnd(),
			),
		);
	}
}
