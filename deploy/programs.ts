import {join} from 'node:path';
import {setFlagsFromString} from 'node:v8';
import {runProgram} from '../core/start.ts';
import {heapGrowing} from './heap-growing.ts';

const migrations = join(import.meta.dirname, '../../migrations');

/** Runs a program of the appliance, by its name; each is loaded without the others. */
export async function runNamed(program: string, args: readonly string[]): Promise<void> {
	if (!['server', 'worker', 'migrate', 'init'].includes(program)) {
		// If their output cannot be written, that is told by a sentence and an exit status, not a stack
		// trace.
		(await import('../tui/commands/watch-output.ts')).watchOutput(process, false);
	}
	await runProgram(async () => {
		const status = await run(program, args);
		if (status !== undefined) process.exitCode = status;
		// A connection to what does not answer is not waited for.
		if (program === 'doctor') setTimeout(() => process.exit(), 500).unref();
	});
}

/** The exit status, where it is known by then. */
async function run(program: string, args: readonly string[]): Promise<number | void> {
	switch (program) {
		case 'server':
			// By itself V8 lets the heap double or more where the machine has memory to spare: 281 MB
			// instead of 214 with 100,000 known keys, and no faster (bench/HISTORY.md). Each of several
			// processes comes by here.
			setFlagsFromString(heapGrowing);
			return (await import('../server/cluster.ts')).main(migrations);
		case 'worker':
			return (await import('../worker/main.ts')).main(migrations);
		case 'migrate':
			return (await import('./migrate.ts')).main(migrations);
		case 'init':
			return (await import('./init.ts')).main(args);
		case 'secrets':
			return (await import('./operate-secrets.ts')).main(args, process.env);
		case 'audit':
			return (await import('./audit.ts')).main(args, process.env);
		case 'admin':
			return (await import('./operate-admin.ts')).main(args, process.env);
		case 'doctor':
			return (await import('./doctor/doctor.ts')).main(args, process.env);
		case 'backup':
		case 'restore':
		case 'drill':
			return (await import('./backup/command.ts')).main(program, args, process.env, migrations);
	}
}
