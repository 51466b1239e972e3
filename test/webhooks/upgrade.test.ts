import test from 'ava';
import {Webhook} from 'standardwebhooks';
import {readMasterKeys} from '../../core/config/config.ts';
import {connectDatabase} from '../../core/db/connect.ts';
import {migrate} from '../../core/db/migrate.ts';
import {createLog} from '../../core/log.ts';
import {claimMasterKeys} from '../../core/secrets/master-keys.ts';
import {createVault} from '../../core/secrets/vault.ts';
import {insertSecret, newSecret} from '../../core/webhooks/endpoints/secrets.ts';
import {createAppliance, onServices} from '../helpers/appliance.ts';
import {migrateDatabase, migrationsUntil} from '../helpers/migrate.ts';
import {eventually} from '../helpers/program.ts';
import {createDatabase, createRedis} from '../helpers/services.ts';
import {createReceiver} from './receiver.ts';

/** The first version with webhooks. */
const firstMigration = '0008';
const events = 500;

test('F20: what waits when the appliance is upgraded is delivered, attempts go on where they were', async (t) => {
	const database = await createDatabase({isMigrated: false});
	const redis = await createRedis();
	const appliance = await createAppliance(onServices(database, redis));
	t.teardown(() => appliance.stop());
	await migrate({
		database: database.ownerConfig,
		application: {name: database.config.user, password: undefined},
		directory: await migrationsUntil(firstMigration),
		log: createLog({program: 'test', logLevel: 'warn', keyPrefix: 'hklst_'}),
	});

	const receiver = await createReceiver();
	t.teardown(receiver.close);
	const db = connectDatabase(database.config, 'test');
	t.teardown(() => db.destroy());
	const vault = createVault(await claimMasterKeys(db, () => readMasterKeys(appliance.env)));
	const {rows} = await db.raw<{rows: [{id: string}]}>(
		`with home as (insert into organisations (name, plan) values ('Old', 'team') returning id)
		insert into webhook_endpoints (organisation_id, url, api_version, last_success_at)
		select id, ?, '2026-11-01', now() from home returning id`,
		[receiver.url],
	);
	const endpointId = rows[0].id;
	const secret = newSecret();
	await insertSecret(db, vault, endpointId, secret);
	// Of ten, three have failed before, one is queued, one was in the hands of a worker that died.
	await db.raw(
		`with event as (
			insert into events (id, api_version, organisation_id, sequence, type, payload)
			select 'msg_' || n, '2026-11-01', organisation_id, n, 'key.revoked',
				json_build_object('id', 'msg_' || n, 'type', 'key.revoked', 'sequence', n)::text
			from webhook_endpoints, generate_series(1, :events::integer) n returning *
		), delivery as (
			insert into webhook_deliveries (organisation_id, endpoint_id, event_id, api_version, event_type,
				attempt, status, queued_at, lease_until, next_at)
			select organisation_id, :endpointId, id, api_version, type,
				case when sequence % 10 < 3 then 4 when sequence % 10 = 4 then 1 else 0 end,
				case sequence % 10 when 3 then 'queued' when 4 then 'sending' else 'pending' end,
				case when sequence % 10 in (3, 4) then now() - interval '2 minutes' end,
				case when sequence % 10 = 4 then now() - interval '1 minute' end,
				now() + case when sequence = 1 then interval '1 hour' else interval '0' end
			from event returning id, attempt
		)
		insert into webhook_attempts (delivery_id, number, started_at, duration_ms, timings, result)
		select id, number, now(), 1, '{"total": 1}', 'timeout'
		from delivery, generate_series(1, attempt) number where attempt = 4`,
		{events, endpointId},
	);

	await migrateDatabase(database.ownerConfig, database.config.user);
	await appliance.startWorker({LATCHKEY_WEBHOOK_ALLOWED_NETWORKS: 'loopback'});
	await eventually(
		async () => {
			const left = await db('webhook_deliveries')
				.whereNot({status: 'succeeded'})
				.select('event_id');
			return left.length === 1 && left[0]?.event_id === 'msg_1';
		},
		{withinMs: 120_000, what: 'all to be delivered but what is due in an hour'},
	);
	t.is(receiver.received.length, events - 1);
	t.is(new Set(receiver.received.map(({event}) => event.id)).size, events - 1);
	for (const {body, headers} of receiver.received) {
		t.notThrows(() => new Webhook(secret).verify(body, headers));
	}
	const logs = await db.raw<{rows: {sequence: string; numbers: number[]}[]}>(
		`select v.sequence, array_agg(a.number order by a.started_at, a.number) as numbers
		from webhook_attempts a join webhook_deliveries d on d.id = a.delivery_id
		join events v on v.id = d.event_id where v.sequence > 1 group by 1`,
	);
	for (const {sequence, numbers} of logs.rows) {
		const kind = Number(sequence) % 10;
		const expected = kind < 3 ? [1, 2, 3, 4, 5] : kind === 4 ? [2] : [1];
		t.deepEqual(numbers, expected, sequence);
	}
});
