import {Agent, request} from 'node:http';
import {connect, createServer, type AddressInfo, type Socket} from 'node:net';
import {setTimeout as sleep} from 'node:timers/promises';
import test from 'ava';
import {
	createAppliance,
	defaultOrganisation,
	makeKey,
	type Appliance,
	type Server,
} from '../helpers/appliance.ts';
import {call} from '../helpers/http.ts';
import {eventually} from '../helpers/program.ts';

/*
What the chart relies on: servers are replaced one by one, each new one ready before an old one is told to
stop, and no request is refused. Connections are handed out as Kubernetes does it: to any endpoint that was
ready when it was last asked, which may be one that has begun to stop since.
*/

/** How long the proxy goes on with what it knew; in Kubernetes, until all nodes know that a pod ends. */
const lagMs = 300;
/** Many times as long, since the machine may be busy. */
const drainDelayMs = 2500;
/** Little, for a run of all tests: PER_SECOND=200 npm test -- test/deploy/rolling-update.test.ts */
const perSecond = Number(process.env['PER_SECOND'] ?? 50);

let appliance: Appliance;

test.before(async () => {
	appliance = await createAppliance();
});

test.after.always(() => appliance.stop());

test('three servers are replaced one by one under load, and no request fails', async (t) => {
	const proxy = await startProxy();
	const start = async (delayMs = drainDelayMs) => {
		const server = await appliance.startServer({LATCHKEY_DRAIN_DELAY_MS: String(delayMs)});
		proxy.add(server.port);
		return server;
	};
	const servers = await Promise.all([start(), start(), start()]);
	const [first] = servers;
	const jwt = await first.logIn();
	const {id} = await defaultOrganisation(first, jwt);
	const {key} = await makeKey(first, jwt, id);
	await eventually(() => proxy.ready().length === 3);

	const load = startLoad(`http://127.0.0.1:${proxy.port}`, key);
	await eventually(() => load.answered() > perSecond);
	let next: Server = first;
	for (const [i, old] of servers.entries()) {
		next = await start(i === 2 ? 0 : drainDelayMs);
		await eventually(() => proxy.ready().includes(next.port));
		t.is(await old.stop(), 0);
		proxy.remove(old.port);
	}
	const before = load.answered();
	await eventually(() => load.answered() > before + perSecond);
	t.deepEqual(load.failures(), []);
	t.log(`${load.answered()} requests, ${load.connections()} connections, none failed`);

	// It can fail: without the delay, connections go to one that takes none any more.
	proxy.freeze();
	t.is(await next.stop(), 0);
	await eventually(() => load.failures().length > 0);
	await load.stop();
	await proxy.stop();
});

/** Passes connections on, each to one of the servers that are ready. */
async function startProxy() {
	const ready = new Map<number, boolean>();
	const sockets = new Set<Socket>();
	const open = () => [...ready].flatMap(([port, isReady]) => (isReady ? [port] : []));
	const server = createServer({allowHalfOpen: true}, (client) => {
		const ports = open();
		const port = ports[Math.floor(Math.random() * ports.length)];
		if (port === undefined) return client.destroy();
		const target = connect({port, host: '127.0.0.1', allowHalfOpen: true});
		for (const [from, to] of [
			[client, target],
			[target, client],
		] as const) {
			sockets.add(from);
			from.pipe(to);
			from.on('error', () => to.resetAndDestroy());
			from.once('close', () => sockets.delete(from));
		}
		return undefined;
	});
	let isStopped = false;
	const watch = async () => {
		for (; !isStopped; await sleep(lagMs)) {
			for (const port of ready.keys()) {
				const answer = await call(`http://127.0.0.1:${port}`, '/readyz').catch(() => undefined);
				if (!isStopped && ready.has(port)) ready.set(port, answer?.status === 200);
			}
		}
	};
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const watching = watch();
	return {
		port: (server.address() as AddressInfo).port,
		add: (port: number) => void ready.set(port, false),
		remove: (port: number) => void ready.delete(port),
		ready: open,
		/** Goes on with what it knows. */
		freeze() {
			isStopped = true;
		},
		async stop() {
			isStopped = true;
			await watching;
			server.close();
			for (const socket of sockets) socket.destroy();
		},
	};
}

/** Half of the requests on connections that are kept, half on one each. */
function startLoad(url: string, key: string) {
	const kept = new Agent({keepAlive: true, maxSockets: 10});
	const failures: string[] = [];
	const open = new Set<Promise<void>>();
	let answered = 0;
	let connections = 0;
	let sent = 0;

	const ask = async () => {
		const isWrite = ++sent % 20 === 0;
		const {promise, resolve, reject} = Promise.withResolvers<void>();
		const body = isWrite ? JSON.stringify({name: `source ${sent}`, type: 'test'}) : '';
		const asked = request(`${url}/api/v1/${isWrite ? 'sources' : 'keys/self'}`, {
			method: isWrite ? 'POST' : 'GET',
			agent: sent % 2 === 0 ? kept : false,
			timeout: 60_000,
			headers: {
				Authorization: `Bearer ${key}`,
				...(isWrite ? {'Content-Type': 'application/json', 'Content-Length': body.length} : {}),
			},
		});
		asked.once('socket', () => {
			if (!asked.reusedSocket) connections++;
		});
		asked.once('timeout', () => asked.destroy(new Error('no answer')));
		asked.once('error', reject);
		asked.once('response', (response) => {
			const expected = isWrite ? 201 : 200;
			if (response.statusCode !== expected) reject(new Error(`answer ${response.statusCode}`));
			response.resume().once('error', reject).once('end', resolve);
		});
		asked.end(body);
		await promise.then(
			() => answered++,
			(error: unknown) => failures.push(String(error)),
		);
	};
	const timer = setInterval(() => {
		const asking: Promise<void> = ask().finally(() => open.delete(asking));
		open.add(asking);
	}, 1000 / perSecond);
	return {
		answered: () => answered,
		connections: () => connections,
		failures: () => failures,
		async stop() {
			clearInterval(timer);
			await Promise.all(open);
			kept.destroy();
		},
	};
}
