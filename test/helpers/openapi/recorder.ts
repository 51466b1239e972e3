import {appendFileSync} from 'node:fs';
import type {IncomingHttpHeaders} from 'node:http';
import path from 'node:path';
import type {Answer, CallOptions} from '../http.ts';

/*
What tests send to servers and are answered, kept for the end of the run: there it is held against the
document (test/helpers/openapi/check.ts), in one process and once.
*/

/** A request with its answer. */
export type Exchange = {
	/** The test file that sent it. */
	file: string;
	method: string;
	target: string;
	/** As it was sent as JSON, where it was. */
	sent?: unknown;
	status: number;
	headers: IncomingHttpHeaders;
	/** Absent: too long to be kept. */
	text?: string;
};

export const exchangesFolder = 'exchanges';

/** Of those that look the same but for their values. */
const mostOfKind = 30;
const longestText = 64 * 1024;
const linesAtOnce = 200;

/** @param directory of the test run */
export function createRecorder(directory: string) {
	const file = testFileIn(new Error().stack ?? '');
	const counts = new Map<string, number>();
	let lines: string[] = [];

	function flush(): void {
		if (lines.length === 0) return;
		const name = path.join(directory, exchangesFolder, `${process.pid}.ndjson`);
		appendFileSync(name, lines.join(''));
		lines = [];
	}
	process.once('exit', flush);

	return (target: string, options: CallOptions, answer: Answer): void => {
		const {status, headers, text} = answer;
		const method = options.method ?? (options.body === undefined ? 'GET' : 'POST');
		const kind = [
			method,
			target.replaceAll(/[\da-f]{8}-[\da-f-]{27}|\?.*/g, ''),
			status,
			headers['latchkey-error-code'],
			headers['content-type'],
		].join(' ');
		const count = (counts.get(kind) ?? 0) + 1;
		counts.set(kind, count);
		if (count > mostOfKind) return;
		const exchange: Exchange = {
			file,
			method,
			target,
			...(typeof options.body === 'object' && !Buffer.isBuffer(options.body)
				? {sent: options.body}
				: {}),
			status,
			headers,
			...(text.length > longestText ? {} : {text}),
		};
		lines.push(`${JSON.stringify(exchange)}\n`);
		if (lines.length >= linesAtOnce) flush();
	};
}

function testFileIn(stack: string): string {
	return /\/(test\/[\w/-]+\.test)\.[jt]sx?\b/.exec(stack)?.[1] ?? 'a test';
}
