import {createHash} from 'node:crypto';
import {copyFile, readdir, readFile, rm, stat, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import test from 'ava';
import pg from 'pg';
import {readMasterKeys} from '../../core/config/config.ts';
import {connectDatabase} from '../../core/db/connect.ts';
import {newestRuns} from '../../core/maintenance/runs.ts';
import {sealedColumns} from '../../core/secrets/sealed-columns.ts';
import {createVault} from '../../core/secrets/vault.ts';
import {readArchive} from '../../deploy/backup/archive-reader.ts';
import {run} from '../../deploy/embedded/run.ts';
import {createSecrets} from '../../deploy/secrets.ts';
import {
	administrator,
	createAppliance,
	defaultOrganisation,
	makeKey,
} from '../helpers/appliance.ts';
import {eventually, startProgram} from '../helpers/program.ts';
import {connectPlainly, createDatabase, createRedis} from '../helpers/services.ts';
import {missing, newFolder, postgresPrograms, runToEnd} from './tools.ts';

const programs = await postgresPrograms();

/** An appliance that was set up, with what has happened to it until its backup. */
async function usedAppliance() {
	const appliance = await createAppliance();
	const server = await appliance.startServer();
	const bearer = await server.logIn();
	const {id} = await defaultOrganisation(server, bearer);
	const base = `/api/v1/organizations/${id}`;
	const body = {url: 'https://receiver.example/hook'};
	const endpoint = await server.call(`${base}/webhooks`, {bearer, body});
	const key = await makeKey(server, bearer, id, 'kept');
	return {appliance, server, bearer, base, endpoint, key};
}

/** Everything by which somebody could get in, or pass for the appliance, each as it is used. */
async function usableSecrets({appliance, server, bearer, base, endpoint, key}: Used) {
	const post = async (target: string, body: object) =>
		JSON.parse((await server.call(target, {bearer, body})).text) as Record<string, string>;
	const tokens = await post('/api/v1/auth/login', administrator);
	const invited = await post(`${base}/invitations`, {email: 'b@example.com', role: 'viewer'});
	const account = await post(`${base}/service-accounts`, {name: 'ci', role: 'developer'});
	const client = await post(`${base}/service-accounts/${account['id']}/secrets`, {});
	const hook = endpoint.json() as {secret: string};
	const masterKey = readMasterKeys(appliance.env)[0] ?? Buffer.alloc(0);
	const vault = createVault([masterKey]);
	const db = connectDatabase(appliance.ownerDatabase, 'test');
	const signing = await db('signing_keys').whereNotNull('private_key').select('kid', 'private_key');
	const shared = await db('instance_secrets').select('name', 'value');
	await db.destroy();
	const setupToken = await readFile(path.join(appliance.secretsDirectory, 'setup_token'), 'utf8');
	const texts = {
		'an API key': key.key,
		'a password': administrator.password,
		'an access token': tokens['access_token'],
		'a refresh token': tokens['refresh_token'],
		'the code of an invitation': invited['code'],
		'the secret of a service account': client['secret'] ?? client['client_secret'],
		'the secret of a webhook': hook.secret,
		'the setup token': setupToken.trim(),
	};
	const bytes = {
		'the master key': masterKey,
		'the secret of a webhook, decoded': Buffer.from(hook.secret.replace('whsec_', ''), 'base64'),
		...Object.fromEntries(
			signing.map(({kid, private_key: sealed}) => [
				`the signing key ${kid}`,
				vault.open(sealedColumns.signingKey, kid, sealed ?? Buffer.alloc(0)),
			]),
		),
		...Object.fromEntries(
			shared.map(({name, value}) => [
				`the shared key ${name}`,
				vault.open(sealedColumns.instanceSecret, name, value),
			]),
		),
	};
	return {texts, bytes};
}

type Used = Awaited<ReturnType<typeof usedAppliance>>;

(programs === undefined ? test.serial.skip : test.serial)(
	'a leaked backup without the master key opens nothing',
	async (t) => {
		const used = await usedAppliance();
		t.teardown(() => used.appliance.stop());
		const {texts, bytes} = await usableSecrets(used);
		const folder = await newFolder();
		const env = {
			...used.appliance.env,
			LATCHKEY_BACKUP_DIR: folder,
			LATCHKEY_POSTGRES_PROGRAMS_DIR: programs ?? '',
		};
		const made = await runToEnd(['backup', '--without-secrets'], env);
		t.is(made.code, 0, made.output);
		const [name = ''] = await readdir(folder);
		const archive = await readArchive(path.join(folder, name), {});
		t.is(archive.secrets.size, 0);

		const dump = path.join(folder, 'dump');
		await writeFile(dump, archive.dump());
		const sql = await run(path.join(programs ?? '', 'pg_restore'), ['--file=-', dump]);
		const all = sql + JSON.stringify(archive.manifest) + archive.auditHeads;
		// What must be there is: the search does find things.
		t.true(all.includes(administrator.email));
		t.true(all.includes(createHash('sha256').update(used.key.key).digest('hex')));
		for (const [what, secret] of Object.entries(texts)) {
			t.true((secret ?? '').length > 10, what);
			t.false(all.includes(secret ?? ''), what);
		}
		for (const [what, secret] of Object.entries(bytes)) {
			t.true(secret.length >= 24, what);
			for (const form of ['hex', 'base64', 'base64url', 'latin1'] as const) {
				t.false(all.includes(secret.toString(form)), `${what}, ${form}`);
			}
		}

		// Nor does another master key open it: that of an appliance that is empty.
		const database = await createDatabase({isMigrated: false});
		t.teardown(() => database.drop());
		const secrets = await newFolder();
		await createSecrets(secrets, {names: ['encryption_key']});
		const there = {...env, ...database.env, LATCHKEY_SECRETS_DIR: secrets};
		const refused = await runToEnd(['restore', name], there);
		t.is(refused.code, 1);
		t.regex(
			refused.output,
			/not the one that the backup needs.*put the file encryption_key of the old machine/,
		);
		await rm(path.join(secrets, 'encryption_key'));
		await copyFile(
			path.join(used.appliance.secretsDirectory, 'encryption_key'),
			path.join(secrets, 'encryption_key'),
		);
		const fits = await runToEnd(['restore', name, '--check-only'], there);
		t.is(fits.code, 0, fits.output);

		// Killed in the midst of it: nothing is there, and it can be started again.
		for (const moment of [1500, 3000]) {
			const program = startProgram(['restore', name], there);
			const begun = eventually(() => program.output().includes('The database is restored'));
			await Promise.race([begun, program.exited]);
			await sleep((Math.random() * moment) / 10);
			program.kill('SIGKILL');
			await program.exited;
			const admin = new pg.Client(database.adminConfig);
			await admin.connect();
			const tables = await eventually(async () => {
				const sessions = await admin.query(
					"select from pg_stat_activity where datname = current_database() and application_name = 'latchkey-restore'",
				);
				if (sessions.rowCount !== 0) return false;
				return admin.query<{count: string}>(
					"select count(*) from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')",
				);
			});
			await admin.end();
			if (Number(tables.rows[0]?.count) > 0) {
				t.log('the restore was over before it could be killed');
				return;
			}
		}
		const restored = await runToEnd(['restore', name], there);
		t.is(restored.code, 0, restored.output);
	},
);

(programs === undefined ? test.serial.skip : test.serial)(
	'what a backup holds is restored into an empty appliance, and only there',
	async (t) => {
		const {appliance, server, bearer, base, endpoint, key} = await usedAppliance();
		t.teardown(() => appliance.stop());
		t.is(endpoint.status, 201, endpoint.text);
		const folder = await newFolder();
		const env = {
			...appliance.env,
			LATCHKEY_BACKUP_DIR: folder,
			LATCHKEY_POSTGRES_PROGRAMS_DIR: programs ?? '',
		};
		const made = await runToEnd(['backup'], env);
		t.is(made.code, 0, made.output);
		t.regex(made.output, /not encrypted and holds the master key/);
		const [name = '', ...others] = await readdir(folder);
		t.deepEqual(others, []);
		t.is((await stat(path.join(folder, name))).mode & 0o777, 0o600);

		// What happens after the backup is lost, and where that lets somebody in it is said.
		const revoked = await server.call(`${base}/api-keys/${key.id}`, {method: 'DELETE', bearer});
		t.is(revoked.status, 200, revoked.text);

		const full = await runToEnd(['restore', name], env);
		t.is(full.code, 1);
		t.regex(full.output, /not empty: there are rows in api_keys, .*users.*Nothing was changed/);
		await server.stop();

		const [database, redis] = await Promise.all([
			createDatabase({isMigrated: false}),
			createRedis(),
		]);
		const second = await createAppliance({
			env: {...database.env, ...redis.env},
			database: database.config,
			redis: redis.config,
			close: async () => {
				await redis.stop();
				await database.drop();
			},
		});
		t.teardown(() => second.stop());
		const there = {
			...second.env,
			LATCHKEY_BACKUP_DIR: folder,
			LATCHKEY_POSTGRES_PROGRAMS_DIR: programs ?? '',
		};
		const before = await readFile(path.join(second.secretsDirectory, 'encryption_key'), 'utf8');
		const client = connectPlainly(redis.config);
		await client.set('{latchkey}:queue:left', '1');
		await client.set('of-somebody-else', '1');

		const checked = await runToEnd(['restore', name, '--check-only'], there);
		t.is(checked.code, 0, checked.output);
		t.regex(
			checked.output,
			/is whole and fits this appliance, which is empty. Nothing was changed/,
		);
		t.is(await readFile(path.join(second.secretsDirectory, 'encryption_key'), 'utf8'), before);

		const knownKey = path.join(folder, 'known-key');
		await writeFile(knownKey, `${key.key}\n`);
		const restored = await runToEnd(['restore', name, '--known-key-file', knownKey], there);
		t.is(restored.code, 0, restored.output);
		for (const said of [
			/rows: \d+ tables with \d+ rows, as many in each as in the backup; \d+ partitions/,
			/keys: the key that was given is known; \d+ were looked up/,
			/audit trail: 2 chains, \d+ entries: all as written/,
			/secrets: \d+ sealed values/,
			/rights: latchkey_app has what server and worker need, and no more/,
			/sessions: all have ended/,
			/Redis: emptied of this appliance \(1 names\)/,
			/EVERYTHING SINCE .* IS UNDONE/,
			/kept as encryption_key\.before-restore-/,
		]) {
			t.regex(restored.output, said);
		}
		t.deepEqual(await client.keys('*'), ['of-somebody-else']);
		client.disconnect();
		t.is(
			await readFile(path.join(second.secretsDirectory, 'encryption_key'), 'utf8'),
			await readFile(path.join(appliance.secretsDirectory, 'encryption_key'), 'utf8'),
		);

		const db = connectDatabase(database.config, 'test');
		const deliveries = await db('webhook_deliveries').select('status', 'last_error');
		t.true(deliveries.length > 0);
		t.deepEqual([...new Set(deliveries.map(({status}) => status))], ['cancelled']);
		t.regex(deliveries[0]?.last_error ?? '', /restored from a backup/);
		const runs = await newestRuns(db);
		t.like(runs.backup.newest, {file: name, succeeded: true});
		t.like(runs.restore.newest, {file: name, succeeded: true, error: null});
		await db.destroy();

		const anew = await second.startServer();
		// The revocation came after the backup.
		t.is((await anew.call('/api/v1/keys/self', {bearer: key.key})).status, 200);
		t.is((await anew.call(`${base}/api-keys`, {bearer})).status, 401);
		t.is(
			(await anew.call(`${base}/api-keys`, {bearer: await anew.logIn(administrator)})).status,
			200,
		);
		const running = await runToEnd(['restore', name], there);
		t.is(running.code, 1);
	},
);

if (programs === undefined) test('programs of PostgreSQL', (t) => (t.log(missing), t.pass()));
