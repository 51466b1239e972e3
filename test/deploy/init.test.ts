import {createHash} from 'node:crypto';
import {chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import test from 'ava';
import {SecretsError} from '../../core/secrets/errors.ts';
import {noteCheckout, prepareSecrets, type Places} from '../../deploy/init.ts';

/** The folders as volumes bring them: there, and empty. */
async function makePlaces(): Promise<Places> {
	const root = await mkdtemp(path.join(tmpdir(), 'init-'));
	const places = {
		secretsDirectory: path.join(root, 'secrets'),
		databaseSecretsDirectory: path.join(root, 'database-secrets'),
		redisSecretsDirectory: path.join(root, 'redis-secrets'),
		migrationSecretsDirectory: path.join(root, 'migration-secrets'),
		consoleSecretsDirectory: path.join(root, 'console-secrets'),
		grafanaSecretsDirectory: path.join(root, 'grafana-secrets'),
		databaseVolume: path.join(root, 'database'),
	};
	await mkdir(places.secretsDirectory, {mode: 0o700});
	await mkdir(places.databaseSecretsDirectory, {mode: 0o750});
	await mkdir(places.redisSecretsDirectory, {mode: 0o750});
	await mkdir(places.migrationSecretsDirectory, {mode: 0o750});
	await mkdir(places.consoleSecretsDirectory, {mode: 0o700});
	await mkdir(places.grafanaSecretsDirectory, {mode: 0o750});
	await mkdir(places.databaseVolume);
	return places;
}

async function contents(directory: string): Promise<Record<string, string>> {
	const names = (await readdir(directory)).toSorted();
	const read = async (name: string) => [name, await readFile(path.join(directory, name), 'utf8')];
	return Object.fromEntries(await Promise.all(names.map(read)));
}

const modeOf = async (...parts: string[]) => (await stat(path.join(...parts))).mode & 0o777;
const makeDatabase = async ({databaseVolume}: Places) =>
	mkdir(path.join(databaseVolume, 'pgdata'), {mode: 0o700});

test('the first start makes what each side needs, and no side gets the other’s', async (t) => {
	const places = await makePlaces();
	const created = await prepareSecrets(places);
	t.deepEqual(created.toSorted(), [
		'database_migration_password',
		'database_password',
		'encryption_key',
		'grafana_password',
		'instance_id',
		'redis_password',
		'setup_token',
	]);
	t.deepEqual(Object.keys(await contents(places.secretsDirectory)), [
		'encryption_key',
		'instance_id',
		'setup_token',
	]);
	t.deepEqual(Object.keys(await contents(places.databaseSecretsDirectory)), ['database_password']);
	t.deepEqual(Object.keys(await contents(places.redisSecretsDirectory)), [
		'redis.acl',
		'redis_password',
	]);
	t.deepEqual(await contents(places.consoleSecretsDirectory ?? ''), {
		setup_token: await readFile(path.join(places.secretsDirectory, 'setup_token'), 'utf8'),
	});
	t.deepEqual(Object.keys(await contents(places.grafanaSecretsDirectory ?? '')), [
		'grafana_password',
	]);
	t.deepEqual(Object.keys(await contents(places.migrationSecretsDirectory)), [
		'database_migration_password',
	]);
});

test('the database containers read by group what is theirs; our own secrets have no group', async (t) => {
	const places = await makePlaces();
	await prepareSecrets(places);
	for (const folder of [
		places.databaseSecretsDirectory,
		places.redisSecretsDirectory,
		places.migrationSecretsDirectory,
		places.grafanaSecretsDirectory ?? '',
	]) {
		for (const name of await readdir(folder)) t.is(await modeOf(folder, name), 0o440, name);
	}
	for (const name of await readdir(places.secretsDirectory)) {
		t.is(await modeOf(places.secretsDirectory, name), 0o400, name);
	}
});

test('Redis is given the hash of the password and not the password', async (t) => {
	const places = await makePlaces();
	await prepareSecrets(places);
	const files = await contents(places.redisSecretsDirectory);
	const password = files['redis_password']?.trimEnd() ?? '';
	const acl = files['redis.acl'] ?? '';
	t.false(acl.includes(password));
	t.true(acl.includes(`#${createHash('sha256').update(password).digest('hex')} `));
	t.regex(acl, /^user default reset off ~\* &\* \+@all$/m);
});

test('a second start changes nothing', async (t) => {
	const places = await makePlaces();
	await prepareSecrets(places);
	await makeDatabase(places);
	const before = [
		await contents(places.secretsDirectory),
		await contents(places.databaseSecretsDirectory),
	];
	t.deepEqual(await prepareSecrets(places), []);
	t.deepEqual(before, [
		await contents(places.secretsDirectory),
		await contents(places.databaseSecretsDirectory),
	]);
});

test('a start that was killed between two files is completed by the next', async (t) => {
	const places = await makePlaces();
	await prepareSecrets(places);
	const password = await readFile(path.join(places.redisSecretsDirectory, 'redis_password'));
	await rm(path.join(places.redisSecretsDirectory, 'redis.acl'));
	await rm(path.join(places.secretsDirectory, 'setup_token'));
	await chmod(path.join(places.databaseSecretsDirectory, 'database_password'), 0o400);

	t.deepEqual(await prepareSecrets(places), ['setup_token']);
	t.is(await modeOf(places.databaseSecretsDirectory, 'database_password'), 0o440);
	t.is(await modeOf(places.redisSecretsDirectory, 'redis.acl'), 0o440);
	t.deepEqual(await readFile(path.join(places.redisSecretsDirectory, 'redis_password')), password);
});

test('the password of Redis moves out of the folder that it shared, wherever that is cut off', async (t) => {
	const places = await makePlaces();
	const before = {...places, redisSecretsDirectory: places.databaseSecretsDirectory};
	await prepareSecrets(before);
	const shared = await contents(places.databaseSecretsDirectory);
	t.deepEqual(await prepareSecrets(places), []);
	t.deepEqual(await contents(places.redisSecretsDirectory), {
		'redis.acl': shared['redis.acl'],
		redis_password: shared['redis_password'],
	});
	t.deepEqual(Object.keys(await contents(places.databaseSecretsDirectory)), ['database_password']);
	t.is(await modeOf(places.redisSecretsDirectory, 'redis_password'), 0o440);

	// Killed after the copy: the one in the new place counts.
	await writeFile(path.join(places.databaseSecretsDirectory, 'redis_password'), 'older\n');
	await prepareSecrets(places);
	t.is((await contents(places.redisSecretsDirectory))['redis_password'], shared['redis_password']);
	t.deepEqual(Object.keys(await contents(places.databaseSecretsDirectory)), ['database_password']);
});

test('data that is used from another folder than before is noticed once', async (t) => {
	const {secretsDirectory} = await makePlaces();
	t.is(await noteCheckout(secretsDirectory, '/srv/one'), undefined);
	t.is(await noteCheckout(secretsDirectory, '/srv/one'), undefined);
	t.is(await noteCheckout(secretsDirectory, '/srv/two'), '/srv/one');
	t.is(await noteCheckout(secretsDirectory, '/srv/two'), undefined);
	t.is(await noteCheckout(secretsDirectory, undefined), undefined);
});

test('a Redis ACL that does not fit the password is replaced', async (t) => {
	const places = await makePlaces();
	await prepareSecrets(places);
	const file = path.join(places.redisSecretsDirectory, 'redis.acl');
	const acl = await readFile(file, 'utf8');
	await rm(file);
	await writeFile(file, 'user default on nopass ~* +@all\n');
	await prepareSecrets(places);
	t.is(await readFile(file, 'utf8'), acl);
	t.is(await modeOf(file), 0o440);
});

test('over old data a lost master key is named and nothing is made', async (t) => {
	const places = await makePlaces();
	await prepareSecrets(places);
	await makeDatabase(places);
	for (const folder of [places.secretsDirectory, places.databaseSecretsDirectory]) {
		await rm(path.join(folder, 'encryption_key'), {force: true});
	}
	const before = [
		await contents(places.secretsDirectory),
		await contents(places.databaseSecretsDirectory),
	];

	const error = await t.throwsAsync(prepareSecrets(places), {instanceOf: SecretsError});
	t.true(error.message.includes('encryption_key of that start is gone'));
	t.true(error.message.includes('docker compose down --volumes'));
	t.deepEqual(before, [
		await contents(places.secretsDirectory),
		await contents(places.databaseSecretsDirectory),
	]);
});

test('over old data, volumes that are all new are refused', async (t) => {
	const places = await makePlaces();
	await makeDatabase(places);
	await t.throwsAsync(prepareSecrets(places), {
		instanceOf: SecretsError,
		message: /encryption_key of that start is gone/,
	});
	t.deepEqual(await readdir(places.secretsDirectory), []);
	t.deepEqual(await readdir(places.databaseSecretsDirectory), []);
});

test('over old data, what that data does not hang on is made again', async (t) => {
	const places = await makePlaces();
	await prepareSecrets(places);
	await makeDatabase(places);
	await rm(places.databaseSecretsDirectory, {recursive: true});
	await rm(places.redisSecretsDirectory, {recursive: true});
	await rm(places.migrationSecretsDirectory, {recursive: true});
	await rm(path.join(places.secretsDirectory, 'setup_token'));
	t.deepEqual(await prepareSecrets(places), [
		'database_password',
		'redis_password',
		'database_migration_password',
		'setup_token',
	]);
});

test('without a database volume there is nothing to fit', async (t) => {
	const places = await makePlaces();
	await rm(places.databaseVolume, {recursive: true});
	t.is((await prepareSecrets(places)).length, 7);
});
