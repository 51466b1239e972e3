import {request} from 'node:http';

/** Shorter than the timeout of the container's health check, so that it gets our reason. */
const patienceMs = 3000;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Asks the program of this container whether it is alive. `/livez` and not `/readyz`: what watches
 * containers restarts those that are unhealthy, and no restart brings a database back. Both
 * programs listen only once they have reached theirs, so the first "healthy" means ready.
 *
 * It runs every few seconds, so it takes its port from the environment without the configuration,
 * which costs ten times as much to load and which the program it asks has checked.
 *
 * @returns the exit status: 0 alive, 1 not
 */
export async function main(program = 'server', environment: Environment): Promise<number> {
	const address = addressOf(program, environment);
	const fault =
		address === undefined
			? `healthcheck ${program}: expected server or worker`
			: await probe(address);
	if (fault === undefined) return 0;
	process.stderr.write(`${fault}\n`);
	return 1;
}

type Address = {host: string; port: number};

/** An empty variable counts as unset, as everywhere. */
function addressOf(program: string, environment: Environment): Address | undefined {
	if (program === 'worker') {
		return {
			host: reachable(environment['LATCHKEY_WORKER_LISTEN_HOST']),
			port: Number(environment['LATCHKEY_WORKER_PORT'] || 0),
		};
	}
	if (program !== 'server') return undefined;
	return {
		host: reachable(environment['LATCHKEY_LISTEN_HOST']),
		port: Number(environment['LATCHKEY_PORT'] || 8080),
	};
}

/** Where a program that listens on an address is reached from here. */
function reachable(host = ''): string {
	return ['', '0.0.0.0', '::'].includes(host) ? '127.0.0.1' : host;
}

/** @returns what is wrong, or undefined */
function probe({host, port}: Address): Promise<string | undefined> {
	const {promise, resolve} = Promise.withResolvers<string | undefined>();
	const signal = AbortSignal.timeout(patienceMs);
	const asked = request({host, port, path: '/livez', agent: false, signal});
	asked.once('response', (response) => {
		response.destroy();
		resolve(response.statusCode === 200 ? undefined : `/livez answers ${response.statusCode}`);
	});
	asked.once('error', (error: NodeJS.ErrnoException) => {
		resolve(signal.aborted ? `/livez: no answer in ${patienceMs} ms` : `/livez: ${error.code}`);
	});
	asked.end();
	return promise;
}
