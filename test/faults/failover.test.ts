import {setTimeout as sleep} from 'node:timers/promises';
import test from 'ava';
import pg from 'pg';
import {check} from '../proof/checker.ts';
import {Client, type HeldKey} from '../proof/client.ts';
import {haveLeases, startFleet} from '../proof/fleet.ts';
import {createAppliance} from '../helpers/appliance.ts';
import {uncaught} from '../helpers/faults.ts';
import {eventually} from '../helpers/program.ts';
import {createRedis} from '../helpers/services.ts';
import {createPair} from '../helpers/standby.ts';

/*
The primary is killed under load and its standby promoted. What PostgreSQL must be set to for this
to hold is in docs/ARCHITECTURE.md.
*/

const size = 3;
const surelyKnownMs = 2500;

for (const {how, isSilent} of [
	{how: 'its connections end', isSilent: false},
	{how: 'its machine falls silent', isSilent: true},
]) {
	test.serial(
		`F-12: PostgreSQL fails over to its standby, ${how}: no revoked key comes back, no valid one is refused`,
		async (t) => {
			t.timeout(240_000);
			const [pair, redis] = await Promise.all([createPair({isSilent}), createRedis()]);
			const appliance = await createAppliance({
				env: {...pair.env, ...redis.env},
				database: pair.config,
				redis: redis.config,
				async close() {
					await Promise.all([pair.stop(), redis.stop()]);
				},
			});
			t.teardown(() => appliance.stop());
			const fleet = await startFleet(appliance, {size});
			t.teardown(() => fleet.stop());
			const {members} = fleet;
			const [first] = members;
			if (first === undefined) throw new Error('no server');
			await haveLeases(pair.adminConfig, size);

			const client = new Client();
			await client.logIn(members);
			const organisation = (await client.createOrganisation(first)) ?? '';
			const tryEverywhere = async (key: HeldKey) =>
				(await Promise.all(members.map((member) => client.use(member, key)))).map(
					({status}) => status,
				);
			const make = async () => {
				const key = await client.create(first, organisation);
				if (key === undefined) throw new Error('no key');
				t.deepEqual(await tryEverywhere(key), [200, 200, 200]);
				return key;
			};
			const kept = await make();
			const last = await make();
			/** Revoked, and answered. */
			const revoked: HeldKey[] = [];

			const stop = new AbortController();
			/** When uses of a valid key were answered, and how. */
			const uses: {at: number; status: number | undefined}[] = [];
			const tryOften = async () => {
				while (!stop.signal.aborted) {
					const statuses = await tryEverywhere(kept);
					uses.push(...statuses.map((status) => ({at: performance.now(), status})));
					for (const key of revoked.slice(-5)) await tryEverywhere(key);
					// The load is to be there, not to take what the servers and the standby need.
					await sleep(10);
				}
			};
			const revokeOften = async (turn: number) => {
				for (let i = turn; !stop.signal.aborted; i++) {
					const member = members[i % size] ?? first;
					const key = await client.create(member, organisation);
					if (key === undefined) continue;
					await tryEverywhere(key);
					if ((await client.revoke(member, key)).status === 200) revoked.push(key);
					await tryEverywhere(key);
				}
			};
			const load = Promise.all([tryOften(), revokeOften(0), revokeOften(1)]);
			await eventually(() => revoked.length >= 10, {withinMs: 60_000, what: 'revocations'});

			t.is((await client.revoke(first, last)).status, 200);
			const killedAt = performance.now();
			await pair.kill();
			t.true((await tryEverywhere(kept)).includes(200), 'known keys go on while the lease lasts');
			// Long enough that the end of the leases is part of it.
			await sleep(6000);
			t.false((await tryEverywhere(last)).includes(200));
			await pair.failOver();

			const backAt = performance.now();
			const before = revoked.length;
			await eventually(() => revoked.length >= before + 10, {
				withinMs: 60_000,
				what: 'revocations after the failover',
			});
			stop.abort();
			await load;
			const failed = uses.filter(({status}) => status !== 200);
			// A lease lasts five seconds from its last renewal, one second before at most.
			const tooEarly = failed.filter(({at}) => at > killedAt && at < killedAt + surelyKnownMs);
			t.deepEqual(tooEarly, [], 'known keys are answered while the leases last');
			t.true(failed.every(({status}) => status === 503));
			const lastAt = failed.at(-1)?.at ?? backAt;
			t.log(
				`of ${uses.length} uses of a known key ${failed.length} got 503, the last ${((lastAt - backAt) / 1000).toFixed(1)} s after the standby was reached`,
			);

			await haveLeases(pair.adminConfig, size);
			for (const key of [last, ...revoked]) t.deepEqual(await tryEverywhere(key), [401, 401, 401]);
			t.deepEqual(await tryEverywhere(kept), [200, 200, 200]);
			// Each of the three acknowledges again: nobody's lease has to run out for it.
			const {unconfirmed, status} = await client.revoke(first, kept);
			t.deepEqual({unconfirmed, status}, {unconfirmed: [], status: 200});
			t.deepEqual(await tryEverywhere(kept), [401, 401, 401]);
			const live = await liveKeys(pair.adminConfig);
			t.deepEqual(
				[last, ...revoked].filter(({id}) => live.has(id)),
				[],
			);

			const {violations, forbiddenUses} = check(client);
			t.deepEqual(violations, []);
			t.log(`${forbiddenUses.revocation} uses of revoked keys, ${client.operations.length} calls`);
			for (const member of members) t.deepEqual(uncaught(member.process()), []);
		},
	);
}

/** Ids of keys that are not revoked, by PostgreSQL itself. */
async function liveKeys(admin: pg.ClientConfig): Promise<Set<string>> {
	const client = new pg.Client(admin);
	await client.connect();
	try {
		const {rows} = await client.query<{id: string}>(
			'select id from api_keys where revoked_at is null',
		);
		return new Set(rows.map(({id}) => id));
	} finally {
		await client.end();
	}
}
