import {setTimeout as delay} from 'node:timers/promises';
import {headers as names} from '../../contract/errors.ts';
import {createCaller, logIn, type Caller} from '../caller.ts';
import {layOut, spread, sum, type Spread} from '../figures.ts';
import type {PresentedKey} from '../fixture.ts';
import type {Measurement} from '../load/job.ts';
import type {Program} from '../program.ts';
import {failures, type Bench, type Scenario} from '../scenario.ts';
import {eventually} from '../../test/helpers/program.ts';
import {connectBench} from '../statements.ts';
import {find} from '../targets.ts';
import {writeRequests} from '../turns.ts';

const serverCount = 3;

/** Loads under which keys are revoked, in shares of what the servers can do; in this order. */
const phases = [
	{name: 'saturation', share: 1, goalMs: 150},
	{name: 'half', share: 0.5, goalMs: 50},
	{name: 'idle', share: 0, goalMs: undefined},
] as const;

type Phase = (typeof phases)[number];

type Row = {
	name: string;
	revocations: number;
	/** As the answer tells it: from the commit to the last confirmation. */
	barrier: Spread;
	goalP99Ms: number | undefined;
	/** The whole DELETE, as its caller sees it. */
	delete: Spread;
	/** Uses of revoked keys that were accepted after the answer, and how many were tried. */
	acceptedAfter: number;
	usesAfter: number;
	/** Of the load, all servers together. */
	requestsPerSecond: number;
};

/**
 * Keys are revoked one after another while three servers are in use. Each key is known to all of
 * them, and used on each of them as soon as its revocation is answered: none may accept it.
 */
export const barrier: Scenario = {
	name: 'barrier',
	title: 'revocation with three servers under load',
	keys: ({keys}) => keys,
	revokes: ({sizes}) => sizes.revocations * phases.length,
	async run(bench) {
		const {options, fixture, directory} = bench;
		await bench.startWorker();
		const servers: Program[] = [];
		for (let i = 0; i < serverCount; i++) servers.push(await bench.startServer({cores: 'all'}));
		await onlyTheseHoldLeases(bench);
		const loads = servers.map(() => bench.startLoad());
		const known = fixture.known.slice(0, options.keys);
		const target = find('self');
		const requestsFile = await writeRequests(directory, 'barrier', {target, keys: known});
		const caller = createCaller(bench.signal);
		const rows: Row[] = [];
		const faults: string[] = [];
		let saturated: readonly number[] = [];
		try {
			const [first] = servers;
			if (first === undefined) throw new Error('no server');
			const jwt = await logIn(caller, first);
			for (const [turn, phase] of phases.entries()) {
				const count = options.sizes.revocations;
				const keys = fixture.revocable.slice(turn * count, (turn + 1) * count);
				const stopping = new AbortController();
				const loading =
					phase.share === 0
						? []
						: servers.map((program, i) => {
								const rate = (saturated[i] ?? 0) * phase.share;
								return keepLoading(bench, stopping.signal, (measureMs) =>
									(loads[i] ?? bench.startLoad()).measure(
										{
											port: program.port,
											requestsFile,
											status: target.status,
											connections: options.connections,
											choice: 'random',
											...(phase.share === 1 ? {} : {requestsPerSecond: rate}),
											warmupMs: 0,
											measureMs,
											serverPid: program.pid,
										},
										bench.signal,
									),
								);
							});
				// The load must stand before the first key goes.
				await delay(options.warmupSeconds * 1000, undefined, {signal: bench.signal});
				const revoked = await revokeAll({
					caller,
					servers,
					jwt,
					keys,
					until: performance.now() + options.sizes.phaseSeconds * 1000,
					phase,
					faults,
				});
				stopping.abort();
				const measured = await Promise.all(loading);
				for (const measurements of measured) {
					for (const each of measurements) faults.push(...failures(`barrier, ${phase.name}`, each));
				}
				const rates = measured.map(rateOf);
				if (phase.share === 1) saturated = rates;
				rows.push({...revoked, requestsPerSecond: Math.round(sum(rates))});
				bench.say(`${phase.name}: ${revoked.revocations} keys revoked`);
				for (const server of servers) await server.truncateLog();
			}
		} finally {
			caller.close();
		}
		return {result: {servers: serverCount, phases: rows}, table: table(rows), faults};
	},
};

/**
 * A server of an earlier scenario that could not give its lease back is waited for until it ends.
 */
async function onlyTheseHoldLeases({services, signal}: Bench): Promise<void> {
	const db = connectBench(services.database);
	try {
		await eventually(
			async () => {
				signal.throwIfAborted();
				const held = await db('verifiers').whereRaw('lease_until > clock_timestamp()').count();
				return Number(held[0]?.['count']) === serverCount;
			},
			{what: `${serverCount} servers, and no other, to hold a lease`},
		);
	} finally {
		await db.destroy();
	}
}

/** Load in pieces of one length, until told to stop. */
async function keepLoading(
	{options}: Bench,
	stopping: AbortSignal,
	measure: (ms: number) => Promise<Measurement>,
): Promise<readonly Measurement[]> {
	const measured = [];
	do {
		measured.push(await measure(options.seconds * 1000));
	} while (!stopping.aborted);
	return measured;
}

function rateOf(measured: readonly Measurement[]): number {
	return sum(measured.map(({requests}) => requests)) / sum(measured.map(({seconds}) => seconds));
}

async function revokeAll(given: {
	caller: Caller;
	servers: readonly Program[];
	jwt: string;
	keys: readonly PresentedKey[];
	/** No more keys after this instant. */
	until: number;
	phase: Phase;
	faults: string[];
}): Promise<Omit<Row, 'requestsPerSecond'>> {
	const {caller, servers, jwt, keys, until, phase, faults} = given;
	const barriers: number[] = [];
	const deletes: number[] = [];
	let acceptedAfter = 0;
	let usesAfter = 0;
	const askEverywhere = ({text: bearer}: PresentedKey) =>
		Promise.all(servers.map((server) => caller.send(server, '/api/v1/keys/self', {bearer})));

	let revocations = 0;
	for (const [i, key] of keys.entries()) {
		if (performance.now() > until) break;
		revocations++;
		const before = await askEverywhere(key);
		if (before.some(({status}) => status !== 200)) {
			faults.push(`barrier, ${phase.name}: a key was refused before its revocation`);
		}
		const server = servers[i % servers.length];
		if (server === undefined) throw new Error('no server');
		const answer = await caller.send(
			server,
			`/api/v1/organizations/${key.organisationId}/api-keys/${key.id}`,
			{method: 'DELETE', bearer: jwt},
		);
		const after = await askEverywhere(key);
		usesAfter += after.length;
		acceptedAfter += after.filter(({status}) => status === 200).length;
		if (after.some(({status}) => status !== 401)) {
			const statuses = after.map(({status}) => status).join(', ');
			faults.push(`barrier, ${phase.name}: a revoked key was answered with ${statuses}`);
		}
		const header = String(answer.headers[names.revocation.toLowerCase()]);
		const ms = /^verifiers=3; ms=(\d+)$/.exec(header)?.[1];
		if (answer.status !== 200 || ms === undefined) {
			faults.push(`barrier, ${phase.name}: answered ${answer.status}, ${header}`);
			continue;
		}
		barriers.push(Number(ms));
		deletes.push(answer.ms);
	}
	return {
		name: phase.name,
		revocations,
		barrier: spread(barriers),
		goalP99Ms: phase.goalMs,
		delete: spread(deletes),
		acceptedAfter,
		usesAfter,
	};
}

function table(rows: readonly Row[]): string {
	return layOut(
		[
			'revocation, 3 servers',
			'load requests/s',
			'revoked',
			'barrier p50 ms',
			'p99',
			'goal p99',
			'DELETE p50 ms',
			'p99',
			'accepted after',
		],
		rows.map((row) => [
			row.name,
			String(row.requestsPerSecond),
			String(row.revocations),
			String(row.barrier.p50Ms),
			String(row.barrier.p99Ms),
			row.goalP99Ms === undefined ? '' : String(row.goalP99Ms),
			row.delete.p50Ms.toFixed(1),
			row.delete.p99Ms.toFixed(1),
			`${row.acceptedAfter} of ${row.usesAfter}`,
		]),
	);
}
