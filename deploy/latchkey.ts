#!/usr/bin/env node
import {join} from 'node:path';
import {setFlagsFromString} from 'node:v8';
import {forgetServiceLinks} from '../core/config/service-links.ts';

/**
 * The one binary. Programs of the appliance by name; everything else is the console, which is
 * loaded without them, as they are without it. The health check runs all day: it loads nothing.
 */
const migrations = join(import.meta.dirname, '../../migrations');
const [command = '', verb = ''] = process.argv.slice(2);
const heapGrowingPercent = 40;

forgetServiceLinks(process.env);

// Reading the trail is for the console; proving it needs the database, or nothing at all.
const program = command === 'audit' && ['list', 'export'].includes(verb) ? 'console' : command;

if (
	['secrets', 'audit', 'admin', 'doctor', 'operate', 'backup', 'restore', 'drill'].includes(program)
) {
	// If their output cannot be written, that is told by a sentence and an exit status, not a stack
	// trace.
	(await import('../tui/commands/watch-output.ts')).watchOutput(process, false);
}

switch (program) {
	case 'server':
		// How far the heap may grow between two collections. By itself V8 lets it double or more where
		// the machine has memory to spare: 281 MB instead of 214 with 100,000 known keys, and no faster
		// (bench/README.md). Each of several processes comes by here.
		setFlagsFromString(`--heap-growing-percent=${heapGrowingPercent}`);
		await run(async () => (await import('../server/cluster.ts')).main(migrations));
		break;
	case 'worker':
		await run(async () => (await import('../worker/main.ts')).main(migrations));
		break;
	case 'migrate':
		await run(async () => (await import('./migrate.ts')).main(migrations));
		break;
	case 'init':
		await run(async () => {
			process.exitCode = await (await import('./init.ts')).main(process.argv.slice(3));
		});
		break;
	case 'secrets':
		await run(async () => {
			const {main} = await import('./operate-secrets.ts');
			process.exitCode = await main(process.argv.slice(3), process.env);
		});
		break;
	case 'audit':
		await run(async () => {
			const {main} = await import('./audit.ts');
			process.exitCode = await main(process.argv.slice(3), process.env);
		});
		break;
	case 'admin':
		await run(async () => {
			const {main} = await import('./operate-admin.ts');
			process.exitCode = await main(process.argv.slice(3), process.env);
		});
		break;
	case 'doctor':
		await run(async () => {
			const {main} = await import('./doctor/doctor.ts');
			process.exitCode = await main(process.argv.slice(3), process.env);
			// A connection to what does not answer is not waited for.
			setTimeout(() => process.exit(), 500).unref();
		});
		break;
	case 'backup':
	case 'restore':
	case 'drill':
		await run(async () => {
			const {main} = await import('./backup/command.ts');
			process.exitCode = await main(program, process.argv.slice(3), process.env, migrations);
		});
		break;
	case 'operate':
		process.stdout.write((await import('./operate-usage.ts')).usage);
		break;
	case 'healthcheck':
		process.exitCode = await (await import('./healthcheck.ts')).main(process.argv[3], process.env);
		break;
	default: {
		setFlagsFromString(`--heap-growing-percent=${heapGrowingPercent}`);
		const {main} = await import('../tui/main.ts');
		process.exitCode = await main(process.argv.slice(2), process.env);
	}
}

async function run(main: () => Promise<void>): Promise<void> {
	const {runProgram} = await import('../core/start.ts');
	await runProgram(main);
}
