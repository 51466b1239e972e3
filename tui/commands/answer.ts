import fs from 'node:fs';
import {exitCodes, Failure} from '../failure.ts';
import {numberFlag} from './flags.ts';
import {
	confirmOption,
	type Context,
	type Described,
	listOptions,
	type LocalContext,
	type RemoteCommand,
} from './command.ts';
import {agrees, confirmedByFlag} from './confirm.ts';
import {reasonOf, sync, unwritten, writeWhole} from './hand-over.ts';

/** How one fact of an item is shown to people: under a title in a list, beside it alone. */
export type Column<Item> = readonly [title: string, cell: (item: Item, now: number) => string];

/** A list as data. */
type Listing<Item> = Omit<Described, 'changes'> & {
	columns: readonly Column<Item>[];
	/** What `--quiet` prints of an item. */
	id: (item: Item) => string;
	/** Said where there is none. */
	none: string;
	/** How many where `--limit` does not say; all of them where this does not. */
	most?: number;
	/** Page after page, so that `--jsonl` need not wait for the last one. */
	pages: (context: Context, most: number | undefined) => AsyncIterable<Page<Item>>;
};

type Page<Item> = {body: readonly Item[]};

export function listing<Item>(given: Listing<Item>): RemoteCommand {
	const {columns, id, none, pages, most, ...described} = given;
	return {
		...described,
		options: {...described.options, ...listOptions},
		async run(context) {
			const {flags, output} = context;
			const limit = numberFlag(flags, 'limit') ?? most;
			const items: Item[] = [];
			for await (const {body} of pages(context, limit)) {
				const shown = limit === undefined ? body : body.slice(0, limit - items.length);
				if (flags['jsonl'] === true) output.jsonLines(shown);
				for (const item of shown) items.push(item);
			}
			if (flags['jsonl'] !== true) answerItems(context, items, {columns, id, none});
			return exitCodes.done;
		},
	};
}

export function answerItems<Item>(
	{flags, output, now, terminal, usage}: LocalContext,
	items: readonly Item[],
	{columns, id, none}: Pick<Listing<Item>, 'columns' | 'id' | 'none'>,
): void {
	if (flags['jsonl'] === true) output.jsonLines(items);
	else if (flags['json'] === true) output.json(items);
	else if (flags['quiet'] === true) output.lines(items.map(id));
	else if (items.length === 0) output.say(none);
	else {
		output.table(
			columns.map(([title]) => title.toUpperCase()),
			items.map((item) => columns.map(([, cell]) => cell(item, now))),
			terminal.spoken && items.map((item) => terminal.spoken?.of(nounOf(usage), id(item)) ?? 0),
		);
	}
}

/** `keys` of `latchkey keys list`. */
function nounOf(usage: string): string {
	return usage.split(' ')[1] ?? '';
}

/** Answers with all there is to know of one item. */
export function answerItem<Item>(
	{flags, output, now}: LocalContext,
	item: Item,
	{facts, id}: {facts: readonly Column<Item>[]; id: string},
): number {
	if (flags['json'] === true) output.json(item);
	else if (flags['quiet'] === true) output.lines([id]);
	else output.facts(facts.map(([title, cell]) => [title, cell(item, now)]));
	return exitCodes.done;
}

/** Answers what became of a change, and of what. */
export function answerChange(
	{flags, output}: LocalContext,
	item: {id: string},
	said: string,
): number {
	if (flags['json'] === true) output.json(item);
	else {
		output.say(`${said}:`);
		output.lines([item.id]);
	}
	return exitCodes.done;
}

/** Answers that something is done of which nothing is left to show. */
export function answerDone({flags, output}: LocalContext, document: unknown, said: string): number {
	if (flags['json'] === true) output.json(document);
	else output.say(said);
	return exitCodes.done;
}

type Removal = Omit<Described, 'changes'> & {
	/** What it does, for where nobody can be asked: `Deleting a source`. */
	doing: string;
	/** Asked where somebody is there to answer. */
	question: (context: Context) => Promise<string> | string;
	/** Answers with the document for `--json`, with what is said, and with what is done after that. */
	remove: (
		context: Context,
	) => Promise<{document: unknown; said: string; afterwards?: () => Promise<void>}>;
};

/** A command that cannot be undone: it asks, or takes `--yes` for an answer. */
export function removal({doing, question, remove, ...described}: Removal): RemoteCommand {
	return {
		...described,
		changes: true,
		options: {...described.options, ...confirmOption},
		async run(context) {
			const isConfirmed = confirmedByFlag(context, doing);
			if (!isConfirmed && !(await agrees(context, await question(context)))) {
				context.output.say('Nothing was changed.');
				return exitCodes.usage;
			}
			const {document, said, afterwards} = await remove(context);
			const status = answerDone(context, document, said);
			await afterwards?.();
			return status;
		},
	};
}

/** A file that did not exist and only its owner can read. @throws {Failure} usage */
export function newFile(file: string | undefined) {
	if (file === undefined) return undefined;
	let descriptor: number;
	try {
		descriptor = fs.openSync(file, 'wx', 0o600);
	} catch (error) {
		throw new Failure('usage', `--out: cannot make ${file}: ${(error as Error).message}`);
	}
	let isOpen = true;
	const close = () => {
		if (!isOpen) return;
		isOpen = false;
		fs.closeSync(descriptor);
	};
	/** What is said where it takes no more: as of every answer. @throws {Failure} */
	const writing = (work: () => void) => {
		try {
			work();
		} catch (error) {
			throw unwritten(error);
		}
	};
	return {
		/** Takes room for a secret, so that a full disk is known before there is one. @throws {Failure} usage */
		reserve() {
			try {
				writeWhole(descriptor, Buffer.alloc(1024), 0);
				sync(descriptor);
			} catch (error) {
				discard();
				throw new Failure('usage', `--out: cannot write ${file}: ${reasonOf(error)}`);
			}
		},
		/** This and nothing else, on the disk when it returns. @throws {Failure} */
		keep: (text: string) =>
			writing(() => {
				writeWhole(descriptor, text, 0);
				fs.ftruncateSync(descriptor, Buffer.byteLength(text));
				sync(descriptor);
				close();
			}),
		/** @throws {Failure} */
		write: (text: string | Buffer) => writing(() => writeWhole(descriptor, text)),
		close,
		discard,
	};

	/** Never throws: whoever gives up has something to tell, and a secret to take back. */
	function discard() {
		for (const step of [close, () => fs.rmSync(file ?? '', {force: true})]) {
			try {
				step();
			} catch {
				// What is left of it is on a disk that fails, and good for nothing.
			}
		}
	}
}
