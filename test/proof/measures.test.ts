import {Agent, request} from 'node:http';
import test from 'ava';
import pg from 'pg';
import {hashKeyToText, createKeyFormat} from '../../core/keys/token.ts';
import {createOwnServices, type OwnServices} from '../helpers/faults.ts';
import {eventually} from '../helpers/program.ts';
import {check} from './checker.ts';
import {Client, type HeldKey} from './client.ts';
import {haveLeases, startFleet, type Member} from './fleet.ts';
import {percentile} from './summary.ts';

/*
Numbers for people, by `npm run proof -- --measures`, and no part of `npm test` (ava.config.js):
nothing is asserted but what must hold anyway.
*/
/** Keys that are revoked at the same time, each by a caller of its own. */
const revokers = 8;
const stormKeys = 10_000;

let services: OwnServices;
let fleet: Awaited<ReturnType<typeof startFleet>>;
let client: Client;
let organisation: string;
let first: Member;

test.before(async () => {
	services = await createOwnServices();
	fleet = await startFleet(services.appliance, {size: 3});
	await haveLeases(services.postgres.adminConfig, 3);
	client = new Client();
	await client.logIn(fleet.members);
	const [member] = fleet.members;
	if (member === undefined) throw new Error('no server');
	first = member;
	organisation = (await client.createOrganisation(first)) ?? '';
});
test.after.always(async () => {
	await fleet.stop();
	await services.appliance.stop();
});

function tell(text: string): void {
	process.stderr.write(`${text}\n`);
}

// Ten thousand in all (S-25).
for (const {name, connections, revocations} of [
	{name: 'at rest', connections: 0, revocations: 2000},
	{name: 'under some load', connections: 3, revocations: 5000},
	{name: 'saturated', connections: 48, revocations: 3000},
]) {
	test.serial(`S-25: ${revocations} revocations ${name}`, async (t) => {
		t.timeout(1_800_000);
		const pause = new AbortController();
		const {members} = fleet;
		const [busy] = await makeKeys(1);
		if (busy === undefined) throw new Error('no key');
		const uses = requestOften(members, busy.key, connections, pause.signal);
		const from = client.barriers.length;
		const startedAt = performance.now();
		let answered = 0;
		let accepted = 0;
		const revokeInTurn = async (turn: number) => {
			for (let i = turn; answered < revocations; i++) {
				await client.logIn(members);
				const [key] = await makeKeys(1);
				// What is answered with 503, on a machine that is too busy, is done again with another key.
				if (key === undefined) continue;
				// Known everywhere before, tried everywhere after.
				await Promise.all(members.map((member) => client.use(member, key)));
				const {status} = await client.revoke(members[i % members.length] ?? first, key);
				if (status !== 200) continue;
				answered++;
				const after = await Promise.all(members.map((member) => client.use(member, key)));
				accepted += after.filter((use) => use.status === 200).length;
			}
		};
		await Promise.all(Array.from({length: revokers}, (_, turn) => revokeInTurn(turn)));
		const seconds = (performance.now() - startedAt) / 1000;
		pause.abort();
		const perSecond = await uses;
		const measured = client.barriers.slice(from);
		const header = measured.map((each) => each.header);
		const whole = measured.map((each) => each.whole);
		const {violations, forbiddenUses} = check(client);
		tell(
			`${name}: ${Math.round(perSecond)} other uses/s; ${answered} revocations in ${Math.round(seconds)} s, ${accepted} uses accepted after them; barrier p50 ${percentile(header, 0.5)} ms, p99 ${percentile(header, 0.99)} ms; DELETE p50 ${percentile(whole, 0.5)} ms, p99 ${percentile(whole, 0.99)} ms; ${forbiddenUses.revocation} uses after answers so far, ${violations.length} violations`,
		);
		t.is(accepted, 0);
		t.is(violations.length, 0);
	});
}

test.serial('a frozen server', async (t) => {
	const [revoker, , frozen] = fleet.members;
	if (revoker === undefined || frozen === undefined) throw new Error('no server');
	for (let round = 0; round < 5; round++) {
		await haveLeases(services.postgres.adminConfig, 3);
		const [key] = await makeKeys(1);
		if (key === undefined) throw new Error('no key');
		await client.use(frozen, key);
		frozen.process().kill('SIGSTOP');
		const {sentAt, answeredAt} = await client.revoke(revoker, key);
		const uses = client.use(frozen, key);
		frozen.process().kill('SIGCONT');
		const {status} = await uses;
		tell(`frozen: DELETE took ${Math.round(answeredAt - sentAt)} ms; on waking ${status}`);
		t.is(status, 401);
	}
});

test.serial('ten thousand keys at the start', async (t) => {
	const keys = await insertKeys(stormKeys);
	const server = first;
	await server.restart();
	await haveLeases(services.postgres.adminConfig, 3);
	const before = await commits();
	const startedAt = performance.now();
	const agent = new Agent({keepAlive: true, maxSockets: 200});
	const statuses = await Promise.all(keys.map((key) => requestOnce(agent, server, key)));
	const ms = performance.now() - startedAt;
	agent.destroy();
	const after = await commits();
	const counted = [...Map.groupBy(statuses, (status) => status)].map(
		([status, each]) => `${status}: ${each.length}`,
	);
	tell(
		`storm: ${stormKeys} keys on 200 connections in ${Math.round(ms)} ms, ${counted.join(', ')}; ${after - before} transactions in PostgreSQL`,
	);
	t.true(statuses.every((status) => status === 200));
});

async function makeKeys(count: number): Promise<HeldKey[]> {
	const keys = await Promise.all(
		Array.from({length: count}, () => client.create(first, organisation)),
	);
	return keys.filter((key) => key !== undefined);
}

/** Uses one key over and over. @returns how often a second */
async function requestOften(
	members: readonly Member[],
	key: string,
	connections: number,
	signal: AbortSignal,
): Promise<number> {
	const agent = new Agent({keepAlive: true});
	const startedAt = performance.now();
	let uses = 0;
	await Promise.all(
		Array.from({length: connections}, async (_, index) => {
			const member = members[index % members.length];
			while (member !== undefined && !signal.aborted) {
				await requestOnce(agent, member, key);
				uses++;
			}
		}),
	);
	agent.destroy();
	return uses === 0 ? 0 : uses / ((performance.now() - startedAt) / 1000);
}

function requestOnce(agent: Agent, member: Member, key: string): Promise<number | undefined> {
	return new Promise((resolve, reject) => {
		const headers = {Authorization: `Bearer ${key}`};
		request(`${member.url}/api/v1/keys/self`, {agent, headers}, (answer) => {
			answer.resume();
			answer.once('end', () => resolve(answer.statusCode));
			answer.once('error', reject);
		})
			.once('error', reject)
			.end();
	});
}

/** Many keys at once, past the API. */
async function insertKeys(count: number): Promise<string[]> {
	const format = createKeyFormat('hklst_');
	const keys = Array.from({length: count}, () => format.generate());
	const admin = new pg.Client(services.postgres.adminConfig);
	await admin.connect();
	await admin.query(
		`insert into api_keys (organisation_id, name, hash, hint)
		select $1, 'storm', hash, 'hint' from unnest($2::bytea[]) as t (hash)`,
		[organisation, keys.map((key) => Buffer.from(hashKeyToText(key), 'latin1'))],
	);
	await admin.end();
	return keys;
}

/** Transactions committed, once PostgreSQL has counted them all. */
async function commits(): Promise<number> {
	const admin = new pg.Client(services.postgres.adminConfig);
	await admin.connect();
	let last = -1;
	const count = await eventually(async () => {
		// Backends report at most once a second.
		const {rows} = await admin.query<{count: number}>(
			`select xact_commit::int as count, pg_sleep(2) from pg_stat_database where datname = current_database()`,
		);
		const now = rows[0]?.count ?? 0;
		// The renewals of the leases go on.
		const isSteady = now - last < 20;
		last = now;
		return isSteady && now;
	});
	await admin.end();
	return count;
}
