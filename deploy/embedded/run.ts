import {spawn} from 'node:child_process';
import type {OsUser} from './os-user.ts';

type RunOptions = {
	cwd?: string;
	env?: NodeJS.ProcessEnv;
	user?: OsUser | undefined;
	signal?: AbortSignal | undefined;
};

/**
 * Runs a program to its end.
 *
 * @returns what it wrote to stdout.
 * @throws with the last lines of its output when it cannot be started or does not exit 0.
 */
export async function run(
	command: string,
	args: readonly string[],
	{cwd = '/', env, user, signal}: RunOptions = {},
): Promise<string> {
	const child = spawn(command, args, {
		cwd,
		env: {PATH: process.env['PATH'], LC_ALL: 'C', ...env},
		stdio: ['ignore', 'pipe', 'pipe'],
		...(user && {uid: user.uid, gid: user.gid}),
		...(signal && {signal}),
	});
	let stdout = '';
	let stderr = '';
	child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
	child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));

	const {promise, resolve, reject} = Promise.withResolvers<void>();
	child.once('error', reject);
	child.once('close', (code, killedBy) => {
		if (code === 0) {
			resolve();
			return;
		}
		const output = lastLines(stderr.trim() || stdout.trim(), 8);
		reject(new Error(`${command} ended with ${killedBy ?? `code ${code}`}: ${output}`));
	});
	await promise;
	return stdout;
}

export function lastLines(text: string, count: number): string {
	return text.trimEnd().split('\n').slice(-count).join('\n');
}
