import {mkdtempSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {PassThrough} from 'node:stream';
import {text} from 'node:stream/consumers';
import type {Terminal} from '../../tui/terminal/terminal.ts';
import {main} from '../../tui/main.ts';

export type Result = {status: number; stdout: string; stderr: string};

/** Somebody's home, with nothing in it yet. */
export function makeHome(): string {
	return mkdtempSync(path.join(os.tmpdir(), 'latchkey-home-'));
}

/** Runs `latchkey …` without a terminal, as a script does. */
export async function runScript(
	argv: readonly string[],
	env: Record<string, string>,
	stdin = '',
): Promise<Result> {
	const input = new PassThrough();
	input.end(stdin);
	const streams = {stdin: input, stdout: new PassThrough(), stderr: new PassThrough()};
	const outputs = Promise.all([text(streams.stdout), text(streams.stderr)]);
	const status = await main(argv, env, streams as unknown as Terminal);
	streams.stdout.end();
	streams.stderr.end();
	const [stdout, stderr] = await outputs;
	return {status, stdout, stderr};
}
