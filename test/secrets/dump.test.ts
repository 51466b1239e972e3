import {createPrivateKey} from 'node:crypto';
import {readFile} from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import {createdEndpoint} from '../../contract/webhooks.ts';
import {connectDatabase} from '../../core/db/connect.ts';
import {maintenanceQueue} from '../../core/jobs.ts';
import {sealedColumns} from '../../core/secrets/sealed-columns.ts';
import {openSigningKey} from '../../core/signing/store.ts';
import {createAppliance, defaultOrganisation, makeKey} from '../helpers/appliance.ts';
import {everyTable, everythingInRedis, spellings} from '../helpers/leaks.ts';
import {eventually} from '../helpers/program.ts';
import {vaultOf} from '../helpers/secrets.ts';
import {connectPlainly} from '../helpers/services.ts';

test('S-94: whoever steals PostgreSQL and Redis has no master key and nothing that it seals', async (t) => {
	const appliance = await createAppliance();
	const db = connectDatabase(appliance.database, 'test');
	const redis = connectPlainly(appliance.redis);
	t.teardown(async () => {
		redis.disconnect();
		await db.destroy();
		await appliance.stop();
	});
	const server = await appliance.startServer();
	const worker = await appliance.startWorker();
	const jwt = await server.logIn();
	const {id} = await defaultOrganisation(server, jwt);
	const {key} = await makeKey(server, jwt, id);
	const made = await server.call(`/api/v1/organizations/${id}/webhooks`, {
		bearer: jwt,
		body: {url: 'https://hooks.example.com/'},
	});
	const webhook = createdEndpoint.parse(made.json()).secret.replace('whsec_', '');
	t.is((await server.call('/api/v1/sources', {bearer: key})).status, 200);
	await eventually(async () => (await worker.lastFlush()) > 0);

	const vault = vaultOf(appliance.secretsDirectory);
	const line = await readFile(path.join(appliance.secretsDirectory, 'encryption_key'), 'utf8');
	const secrets: Record<string, Buffer> = {
		'master key': Buffer.from(line.trim(), 'base64url'),
		'API key': Buffer.from(key),
		'webhook secret': Buffer.from(webhook, 'base64'),
		'webhook secret as text': Buffer.from(webhook),
	};
	for (const row of await db('signing_keys').select('kid', 'purpose', 'private_key')) {
		if (row.private_key === null) throw new Error('no private key');
		const {d = ''} = openSigningKey(vault, row.kid, row.private_key).export({format: 'jwk'});
		secrets[`private key of ${row.purpose}`] = Buffer.from(d, 'base64url');
	}
	for (const {name, value} of await db('instance_secrets').select('name', 'value')) {
		secrets[name] = vault.open(sealedColumns.instanceSecret, name, value);
	}
	t.is(Object.keys(secrets).length, 9);

	const dump = `${await everyTable(appliance.ownerDatabase)}\n${await everythingInRedis(redis)}`;
	t.true(dump.includes(id) && dump.includes(maintenanceQueue), 'of both');
	const names = Object.entries(secrets)
		.filter(([, secret]) => spellings(secret).some((spelling) => dump.includes(spelling)))
		.map(([name]) => name);
	t.deepEqual(names, []);
	for (const sealed of await db('signing_keys').pluck('private_key')) {
		t.true(dump.includes(sealed?.toString('hex') ?? '-'), 'the search finds what is there');
		t.throws(() =>
			createPrivateKey({key: sealed ?? Buffer.alloc(1), format: 'der', type: 'pkcs8'}),
		);
	}
});
