import {createHash} from 'node:crypto';
import {mkdir, mkdtemp, readFile} from 'node:fs/promises';
import path from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {prepareSecrets} from '../../deploy/init.ts';
import {createAppliance, defaultOrganisation, type Appliance} from '../helpers/appliance.ts';
import {testServices} from '../helpers/environment.ts';
import {eventually} from '../helpers/program.ts';
import {connectPlainly, createDatabase, createRedis} from '../helpers/services.ts';

/* Limits need no more of Redis than the rights that the bundle gives, or that docs/database.md names. */

let appliance: Appliance;

test.before(async () => {
	const [database, redis] = await Promise.all([createDatabase(), createRedis()]);
	appliance = await createAppliance({
		env: {...database.env, ...redis.env},
		database: database.config,
		redis: redis.config,
		close: async () => {
			await Promise.all([database.drop(), redis.stop()]);
		},
	});
});

test.after.always(() => appliance?.stop());

test('the rights that the bundle gives are enough', async (t) => {
	const root = await mkdtemp(path.join(testServices().directory, 'init-'));
	const [own, shared] = ['own', 'shared'].map((name) => path.join(root, name));
	if (own === undefined || shared === undefined) throw new Error('no folders');
	await Promise.all([own, shared].map((folder) => mkdir(folder, {mode: 0o700})));
	await prepareSecrets({
		secretsDirectory: own,
		databaseSecretsDirectory: shared,
		redisSecretsDirectory: shared,
		migrationSecretsDirectory: shared,
		consoleSecretsDirectory: undefined,
		databaseVolume: path.join(root, 'database'),
	});
	const acl = await readFile(path.join(shared, 'redis.acl'), 'utf8');
	const password = (await readFile(path.join(shared, 'redis_password'), 'utf8')).trimEnd();
	await areEnough(t, /^user (latchkey reset .*)$/m.exec(acl)?.[1], password);
});

test('the rights that the documentation names are enough', async (t) => {
	const page = path.join(import.meta.dirname, '../../../docs/database.md');
	const named = /^ACL SETUSER (latchkey .*)$/m.exec(await readFile(page, 'utf8'))?.[1];
	const password = 'a secret of the test';
	const rule = named?.replace('latchkey', 'another').replace('>password', `#${sha256(password)}`);
	await areEnough(t, rule, password);
});

/** @param rule name and rights of a user, as ACL SETUSER takes them */
async function areEnough(t: ExecutionContext, rule: string | undefined, password: string) {
	const [name = '', ...rights] = rule?.split(' ') ?? [];
	const redis = connectPlainly(appliance.redis);
	try {
		await redis.call('ACL', 'SETUSER', name, ...rights);
		const server = await appliance.startServer({
			LATCHKEY_REDIS_USERNAME: name,
			LATCHKEY_REDIS_PASSWORD: password,
		});
		const jwt = await server.logIn();
		const {id} = await defaultOrganisation(server, jwt);
		const made = await server.call(`/api/v1/organizations/${id}/api-keys`, {
			bearer: jwt,
			body: {
				name,
				rate_limits: [{name: 'burst', limit: 2, window_seconds: 86_400}],
				quota: {limit: 10, period: 'month'},
			},
		});
		t.is(made.status, 201);
		const {key, id: keyId} = made.json() as {key: string; id: string};
		// Redis itself remembers, and not the server in its place.
		await eventually(
			async () => {
				const {status} = await server.call('/api/v1/forward-auth', {bearer: key});
				t.true(status === 200 || status === 429, String(status));
				const entries = await redis.keys(`{latchkey:${id}}:*:k:${keyId}:*`);
				const kinds = entries.map((entry) => entry.split(':')[2]).toSorted();
				return kinds.join() === 'limit,quota';
			},
			{what: 'limits and quota in Redis'},
		);
	} finally {
		redis.disconnect();
	}
}

function sha256(text: string): string {
	return createHash('sha256').update(text).digest('hex');
}
