import {writeFile} from 'node:fs/promises';
import path from 'node:path';
import {randomUUID} from 'node:crypto';
import {main} from '../../deploy/audit.ts';
import type {Server} from '../helpers/appliance.ts';
import {testServices} from '../helpers/environment.ts';
import {startProgram} from '../helpers/program.ts';

/** Runs `latchkey audit …`. @returns its exit status and what it said */
export async function audit(
	env: Record<string, string>,
	...args: string[]
): Promise<{status: number | null; said: string}> {
	const program = startProgram(['audit', ...args], env);
	const status = await program.exited;
	return {status, said: program.output()};
}

/** The same command without a process of its own and without any setting, for those who ask it often. */
export async function auditHere(...args: string[]): Promise<{status: number; said: string}> {
	let said = '';
	const writer = {write: (text: string) => (said += text)};
	const status = await main(args, {}, {stdout: writer, stderr: writer});
	return {status, said};
}

/** Writes a file of this run. @returns its path */
export async function fileOf(text: string): Promise<string> {
	const file = path.join(testServices().directory, randomUUID());
	await writeFile(file, text);
	return file;
}

/** The public audit keys, as somebody outside fetches them. @returns the path of the file */
export async function fetchKeys(server: Server): Promise<string> {
	return fileOf((await server.call('/.well-known/audit-keys.json')).text);
}
