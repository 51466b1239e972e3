import {setFlagsFromString} from 'node:v8';
import {keepCompiled} from '../tui/settings/compiled.ts';
import type {Environment} from '../tui/settings/environment.ts';
import {heapGrowing} from './heap-growing.ts';

/** The console and its commands, as a program of their own. */
export async function runConsole(args: readonly string[], environment: Environment): Promise<void> {
	setFlagsFromString(heapGrowing);
	// What is made while it starts stays: moved once instead of at each doubling of a small space.
	setFlagsFromString('--semi-space-growth-factor=8');
	keepCompiled(environment);
	const {main} = await import('../tui/main.ts');
	process.exitCode = await main(args, environment);
}
