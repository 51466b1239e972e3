#!/usr/bin/env node
import {join} from 'node:path';
import {runProgram} from '../core/start.ts';

/**
 * The one binary. Programs of the appliance by name; everything else is the console, which is
 * loaded without them, as they are without it.
 */
const migrations = join(import.meta.dirname, '../../migrations');
const [command] = process.argv.slice(2);

switch (command) {
	case 'server':
		await runProgram(async () => (await import('../server/main.ts')).main(migrations));
		break;
	case 'worker':
		await runProgram(async () => (await import('../worker/main.ts')).main(migrations));
		break;
	case 'migrate':
		await runProgram(async () => (await import('./migrate.ts')).main(migrations));
		break;
	case 'init':
		await runProgram(async () => (await import('./init.ts')).main());
		break;
	case 'healthcheck':
		await runProgram(async () => (await import('./healthcheck.ts')).main(process.argv.slice(3)));
		break;
	default: {
		const {main} = await import('../tui/main.ts');
		process.exitCode = await main(process.argv.slice(2), process.env);
	}
}
