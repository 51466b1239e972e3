import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {createInterface} from 'node:readline';

/**
Runs a module's `start(options)` in a process of its own, which is then killed with SIGKILL, as an impatient operator or the kernel would.

@returns the `pid` of what it had started.
*/
export async function startUnderKilledParent(
	moduleUrl: string,
	name: string,
	options: unknown,
): Promise<number> {
	const script = `
		const service = await (await import(${JSON.stringify(moduleUrl)}))[${JSON.stringify(name)}](
			${JSON.stringify(options)}
		);
		console.log(service.pid);
		setInterval(() => undefined, 1000);`;
	const parent = spawn(process.execPath, ['--input-type=module', '--eval', script], {
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	const exited = once(parent, 'exit');
	for await (const line of createInterface({input: parent.stdout})) {
		parent.kill('SIGKILL');
		await exited;
		return Number(line);
	}

	throw new Error('The parent ended before it had started anything');
}
