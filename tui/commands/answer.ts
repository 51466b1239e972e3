import fs from 'node:fs';
import {exitCodes, Failure} from '../failure.ts';
import {numberFlag, textFlag} from './flags.ts';
import {
	confirmOption,
	type Context,
	type Described,
	listOptions,
	type LocalContext,
	type RemoteCommand,
} from './command.ts';
import {agrees, confirmedByFlag} from './confirm.ts';

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
	{flags, output, now}: LocalContext,
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
		);
	}
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
	/** Answers with the document for `--json`, and with what is said. */
	remove: (context: Context) => Promise<{document: unknown; said: string}>;
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
			const {document, said} = await remove(context);
			return answerDone(context, document, said);
		},
	};
}

type Made = {
	document: Readonly<Record<string, unknown>>;
	/** The member of the document that is the secret. */
	secret: string;
	id: string;
	/** What it is, in a sentence that goes before the secret itself. */
	said: string;
};

/**
 * Makes something that has a secret. Its file is opened first, as a secret that could not be
 * written down would be lost.
 *
 * @throws {Failure} usage, where `--out` names a file that cannot be made.
 */
export async function makingSecret(
	context: LocalContext,
	make: () => Promise<Made>,
): Promise<number> {
	const file = newFile(textFlag(context.flags, 'out'));
	const made = await make().catch((error: unknown) => {
		file?.discard();
		throw error;
	});
	const {document, secret, id, said} = made;
	const {flags, output} = context;
	const {[secret]: value, ...shown} = document;
	if (file !== undefined) {
		file.write(`${String(value)}\n`);
		file.close();
		if (flags['json'] === true) output.json(shown);
		else output.lines([id]);
	} else if (flags['json'] === true) output.json(document);
	else {
		output.say(said);
		output.lines([String(value)]);
	}
	return exitCodes.done;
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
	return {
		write: (text: string | Buffer) => fs.writeFileSync(descriptor, text),
		close: () => fs.closeSync(descriptor),
		discard() {
			fs.closeSync(descriptor);
			fs.rmSync(file, {force: true});
		},
	};
}
