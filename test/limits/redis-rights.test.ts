import {createHash} from 'node:crypto';
import {mkdir, mkdtemp, readFile} from 'node:fs/promises';
import path from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {prepareSecrets} from '../../deploy/init.ts';
import {
	createAppliance,
	defaultOrganisation,
	patiently,
	type Appliance,
	type Server,
} from '../helpers/appliance.ts';
import {testServices} from '../helpers/environment.ts';
import {saysOf} from '../helpers/faults.ts';
import {eventually} from '../helpers/program.ts';
import {connectPlainly, createDatabase, createRedis} from '../helpers/services.ts';

/* Limits need no more of Redis than the rights that the bundle gives, or that docs/database.md names. */

const secret = 'a secret of the test';

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
		grafanaSecretsDirectory: undefined,
		databaseVolume: path.join(root, 'database'),
	});
	const acl = await readFile(path.join(shared, 'redis.acl'), 'utf8');
	const password = (await readFile(path.join(shared, 'redis_password'), 'utf8')).trimEnd();
	await areEnough(t, /^user (latchkey reset .*)$/m.exec(acl)?.[1], password);
});

test('the rights that the documentation names are enough', async (t) => {
	await areEnough(t, (await documented()).replace('latchkey', 'another'), secret);
});

test('a user who may not use the names of limits is told of, and limits are kept all the same', async (t) => {
	const rule = (await documented()).replace('latchkey', 'old').replace(' ~{latchkey:*}:*', '');
	const redis = connectPlainly(appliance.redis);
	try {
		await redis.call('ACL', 'SETUSER', ...rule.split(' '));
		const server = await startServerAs('old', secret);
		const {status, detail = ''} = await saysOf(server, 'redis', 'no_right');
		t.is(status, 200);
		t.regex(detail, /NOPERM.*rate limits: each server keeps its share/);
		const {key} = await makeLimited(t, server);
		await eventually(
			async () => (await server.call('/api/v1/forward-auth', {bearer: key})).status === 429,
			{what: 'the limit'},
		);
	} finally {
		redis.disconnect();
	}
});

/** What docs/database.md has an operator do, with a password of the test. */
async function documented(): Promise<string> {
	const page = path.join(import.meta.dirname, '../../../docs/database.md');
	const rule = /^ACL SETUSER (latchkey .*)$/m.exec(await readFile(page, 'utf8'))?.[1] ?? '';
	return rule.replace('>password', `#${createHash('sha256').update(secret).digest('hex')}`);
}

async function startServerAs(name: string, password: string): Promise<Server> {
	return appliance.startServer({
		LATCHKEY_REDIS_USERNAME: name,
		LATCHKEY_REDIS_PASSWORD: password,
	});
}

async function makeLimited(t: ExecutionContext, server: Server) {
	const jwt = await server.logIn();
	const {id: organisationId} = await defaultOrganisation(server, jwt);
	const path = `/api/v1/organizations/${organisationId}/api-keys`;
	const body = {
		name: 'limited',
		rate_limits: [{name: 'burst', limit: 2, window_seconds: 86_400}],
		quota: {limit: 10, period: 'month'},
	};
	const made = await patiently(() => server.call(path, {bearer: jwt, body}));
	t.is(made.status, 201, made.text);
	return {organisationId, ...(made.json() as {key: string; id: string})};
}

/** @param rule name and rights of a user, as ACL SETUSER takes them */
async function areEnough(t: ExecutionContext, rule: string | undefined, password: string) {
	const [name = '', ...rights] = rule?.split(' ') ?? [];
	const redis = connectPlainly(appliance.redis);
	try {
		await redis.call('ACL', 'SETUSER', name, ...rights);
		const server = await startServerAs(name, password);
		t.is((await saysOf(server, 'redis', undefined)).state, 'ok');
		const {key, id, organisationId} = await makeLimited(t, server);
		// Redis itself remembers, and not the server in its place.
		await eventually(
			async () => {
				const {status} = await server.call('/api/v1/forward-auth', {bearer: key});
				t.true(status === 200 || status === 429, String(status));
				const entries = await redis.keys(`{latchkey:${organisationId}}:*:k:${id}:*`);
				const kinds = new Set(entries.map((entry) => entry.split(':')[2]));
				return kinds.has('limit') && kinds.has('quota');
			},
			{what: 'limits and quota in Redis'},
		);
	} finally {
		redis.disconnect();
	}
}
