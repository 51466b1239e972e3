import {headers} from '../../contract/errors.ts';
import {exitCode, type Failure} from '../failure.ts';
import {clean} from '../text/clean.ts';
import {fit, width} from '../text/width.ts';
import {put} from './hand-over.ts';
import type {Terminal} from '../terminal/terminal.ts';

/** How a command answers: one document on stdout, everything said about it on stderr. */
export type Output = {
	/** The machine's answer, with `--json`. */
	json: (document: unknown) => void;
	/** One document a line, with `--jsonl`. */
	jsonLines: (documents: readonly unknown[]) => void;
	/** Lines of the answer for people. */
	lines: (lines: readonly string[]) => void;
	/** Rows under titles; on a terminal no wider than it. */
	table: (
		titles: readonly string[],
		rows: readonly (readonly string[])[],
		/** Before each row, where it is heard. */
		numbers?: readonly number[],
	) => void;
	/** What there is to know of one thing, each fact beside its name; never cut. */
	facts: (facts: readonly (readonly [name: string, value: string])[]) => void;
	/** Something said to whoever is watching; not with `--quiet`. */
	say: (message: string) => void;
};

export function createOutput(terminal: Terminal, quiet: boolean): Output {
	const lines = (texts: readonly string[]) => {
		if (texts.length > 0) put(terminal, `${texts.join('\n')}\n`);
	};
	return {
		json: (document) => put(terminal, `${JSON.stringify(document, undefined, '\t')}\n`),
		jsonLines: (documents) => lines(documents.map((document) => JSON.stringify(document))),
		lines,
		table: (titles, rows, numbers) => {
			if (terminal.spoken !== undefined) {
				const number = (at: number) => (numbers === undefined ? '' : `${numbers[at]}. `);
				lines(rows.map((row, at) => number(at) + spoken(titles, row)));
				return;
			}
			const columns = terminal.stdout.isTTY === true ? terminal.stdout.columns : undefined;
			lines(table([titles, ...rows], columns));
		},
		facts: (facts) => lines(table(facts)),
		say: (message) => {
			if (!quiet) terminal.stderr.write(`${asCalled(message, terminal)}\n`);
		},
	};
}

/**
 * Columns under their titles, as wide as their widest cell; text from the server made safe. Where
 * that is wider than the terminal, the widest column gives way.
 */
function table(rows: readonly (readonly string[])[], columns = Number.POSITIVE_INFINITY): string[] {
	const safe = rows.map((row) => row.map(clean));
	const widths = (rows[0] ?? []).map((_, column) =>
		safe.reduce((widest, row) => Math.max(widest, width(row[column] ?? '')), 0),
	);
	const excess = widths.reduce((sum, each) => sum + each + 2, -2) - columns;
	const widest = widths.indexOf(Math.max(...widths));
	if (excess > 0) widths[widest] = Math.max(8, (widths[widest] ?? 0) - excess);
	return safe.map((row) =>
		row
			.map((cell, column) => fit(cell, widths[column] ?? 0))
			.join('  ')
			.trimEnd(),
	);
}

/**
 * A row in one line, each cell after its title: `NAME ci, STATUS active`. What one knows it by is first,
 * and an id, which takes longest to say, last.
 */
function spoken(titles: readonly string[], row: readonly string[]): string {
	const cells = row.map((cell, at) => ({
		text: `${titles[at] ?? ''} ${clean(cell)}`.trim(),
		turn: ['NAME', 'EMAIL'].includes(titles[at] ?? '') ? 0 : titles[at] === 'ID' ? 2 : 1,
	}));
	return cells
		.toSorted((one, other) => one.turn - other.turn)
		.map(({text}) => text)
		.filter((text) => text !== '')
		.join(', ');
}

/** What is said, with each command in it as it is called here: `npm run …` where that began this. */
function asCalled(text: string, {calledAs}: Pick<Terminal, 'calledAs'>): string {
	return calledAs === undefined ? text : text.replaceAll('`latchkey ', `\`${calledAs} `);
}

/** A failure on stderr: a document with `--json`, else a sentence and what to do. */
export function report(failure: Failure, terminal: Terminal, asJson: boolean): number {
	const {code, field, id, requestId, retryAfter, hint} = failure.details;
	if (asJson) {
		const error = {
			code: code ?? failure.kind,
			message: failure.message,
			...(field === undefined ? {} : {field}),
			...(id === undefined ? {} : {id}),
			...(requestId === undefined ? {} : {request_id: requestId}),
			...(retryAfter === undefined ? {} : {retry_after: Math.ceil(retryAfter / 1000)}),
			...(hint === undefined ? {} : {hint}),
		};
		terminal.stderr.write(`${JSON.stringify({error})}\n`);
	} else {
		const request = requestId === undefined ? '' : ` (${headers.requestId} ${clean(requestId)})`;
		const wait = retryAfter === undefined ? '' : ` Try again in ${Math.ceil(retryAfter / 1000)} s.`;
		const end = /[.?!]$/.test(failure.message) ? '' : '.';
		const message = asCalled(failure.message, terminal);
		terminal.stderr.write(`latchkey: ${message}${end}${wait}${request}\n`);
		if (hint !== undefined) terminal.stderr.write(`${asCalled(hint, terminal)}\n`);
	}
	return exitCode(failure);
}
