import {mkdtemp, readdir, readFile, stat} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import test from 'ava';
import {createSecrets, missingSecrets, secretNames} from '../../deploy/secrets.ts';

const makeDirectory = async () => path.join(await mkdtemp(path.join(tmpdir(), 'secrets-')), 'own');
const readAll = async (directory: string) =>
	Promise.all(
		secretNames.map(async (name) => [name, await readFile(path.join(directory, name), 'utf8')]),
	);

test('makes every secret once, in the form its reader expects', async (t) => {
	const directory = await makeDirectory();
	const {created} = await createSecrets(directory);
	t.deepEqual(created, [...secretNames]);

	const secrets = Object.fromEntries(await readAll(directory));
	t.regex(secrets.database_password, /^[\w-]{43}\n$/);
	t.regex(secrets.redis_password, /^[\w-]{43}\n$/);
	t.regex(secrets.encryption_key, /^[\w-]{43}\n$/);
	t.regex(secrets.setup_token, /^lkst_[\w-]{32}\n$/);
	t.regex(secrets.instance_id, /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\n$/);
	t.not(secrets.database_password, secrets.redis_password);
});

test('only the owner can read them, and nothing else is left in the folder', async (t) => {
	const directory = await makeDirectory();
	await createSecrets(directory);
	t.is((await stat(directory)).mode & 0o777, 0o700);
	for (const name of secretNames) {
		t.is((await stat(path.join(directory, name))).mode & 0o777, 0o400);
	}

	t.deepEqual((await readdir(directory)).toSorted(), [...secretNames].toSorted());
});

test('what exists is never replaced, what is missing is made', async (t) => {
	const directory = await makeDirectory();
	await createSecrets(directory, {names: ['encryption_key']});
	const before = await readFile(path.join(directory, 'encryption_key'), 'utf8');
	t.deepEqual(await missingSecrets(directory, ['encryption_key', 'setup_token']), ['setup_token']);

	const {created} = await createSecrets(directory, {names: ['encryption_key', 'setup_token']});
	t.deepEqual(created, ['setup_token']);
	t.is(await readFile(path.join(directory, 'encryption_key'), 'utf8'), before);
	t.deepEqual((await createSecrets(directory, {names: ['setup_token']})).created, []);
});

test('many at once agree: each secret is made by exactly one of them', async (t) => {
	const directory = await makeDirectory();
	const runs = await Promise.all(
		Array.from({length: 8}, async () => {
			const {created} = await createSecrets(directory);
			return {created, seen: await readAll(directory)};
		}),
	);
	t.deepEqual(runs.flatMap(({created}) => created).toSorted(), [...secretNames].toSorted());
	for (const {seen} of runs) {
		t.deepEqual(seen, runs[0]?.seen);
	}

	t.deepEqual((await readdir(directory)).toSorted(), [...secretNames].toSorted());
});

test('a folder that cannot be made is an error, not a silent success', async (t) => {
	const directory = await makeDirectory();
	await createSecrets(directory, {names: ['instance_id']});
	await t.throwsAsync(createSecrets(path.join(directory, 'instance_id')), {code: 'EEXIST'});
});
