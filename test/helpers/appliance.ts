import {mkdtemp} from 'node:fs/promises';
import path from 'node:path';
import type {CreatedKey} from '../../contract/keys.ts';
import type {Organisation, Plan} from '../../contract/organisations.ts';
import type {Role, Tokens} from '../../contract/people.ts';
import {connectDatabase} from '../../core/db/connect.ts';
import type {DatabaseConfig, RedisConfig} from '../../core/config/config.ts';
import {hashPassword} from '../../core/people/passwords/password.ts';
import {insertMembership, insertUser} from '../../core/people/store.ts';
import {createSecrets} from '../../deploy/secrets.ts';
import {call, readAnswer, type Answer, type CallOptions} from './http.ts';
import {createRecorder} from './openapi/recorder.ts';
import {eventually, freePort, startProgram, type Program} from './program.ts';
import {testServices} from './environment.ts';
import {createDatabase, createRedis, type TestDatabase, type TestRedis} from './services.ts';

export const administrator = {email: 'admin@example.com', password: 'correct horse battery staple'};

export type Appliance = {
	env: Record<string, string>;
	/** As the role of server and worker. */
	database: DatabaseConfig;
	/** As the role that owns the schema. */
	ownerDatabase: DatabaseConfig;
	redis: RedisConfig;
	secretsDirectory: string;
	/** Starts a server and waits until it is ready. */
	startServer: (env?: Record<string, string>) => Promise<Server>;
	/** Starts a worker and waits until it is ready. */
	startWorker: (env?: Record<string, string>) => Promise<WorkerProgram>;
	/** Has the bytes of an answer on a bare connection held against the document, as those of `call` are. */
	heard: (received: string) => void;
	/** Every program started so far, also one that is not ready yet. */
	programs: () => readonly Program[];
	/** Stops every program that was started, and what they ran on. */
	stop: () => Promise<void>;
};

export type Server = Program & {
	url: string;
	port: number;
	call: (path: string, options?: CallOptions) => Promise<Answer>;
	/** Access token of the administrator. */
	logIn: (who?: {email: string; password: string; organization_id?: string}) => Promise<string>;
};

export type WorkerProgram = Program & {
	/** Where its probes are. */
	url: string;
	/** When its last pass of usage ended well, in milliseconds since the epoch; 0: never. */
	lastFlush: () => Promise<number>;
	/** The body of its `/readyz`. */
	state: () => Promise<WorkerState>;
	/** Whether it takes jobs, by the status of that. */
	isReady: () => Promise<boolean>;
};

export type WorkerState = {
	last_flush_at: string | null;
	webhooks: {
		last_pass_at: string | null;
		lag?: Record<'due' | 'oldest_due_seconds' | 'in_flight' | 'paused_endpoints', number>;
	};
};

type Backing = {env: Record<string, string>; close: () => Promise<void>} & {
	database: DatabaseConfig;
	redis: RedisConfig;
};

/**
 * An appliance on services of its own: by default a fresh database of the shared cluster and a
 * Redis of this file. Fault tests pass a cluster of their own.
 */
export async function createAppliance(backing?: Backing): Promise<Appliance> {
	// Before anything is awaited, while it can be told which test this is for.
	const record = createRecorder(testServices().directory);
	const {
		env: services,
		close,
		database,
		redis,
	} = backing ?? onServices(...(await Promise.all([createDatabase(), createRedis()])));
	const secretsDirectory = await mkdtemp(path.join(testServices().directory, 'secrets-'));
	await createSecrets(secretsDirectory, {names: ['encryption_key', 'setup_token']});
	const env = {
		...services,
		LATCHKEY_SECRETS_DIR: secretsDirectory,
		LATCHKEY_ALLOW_EPHEMERAL_SECRETS: '1',
		LATCHKEY_LISTEN_HOST: '127.0.0.1',
		// However busy the machine is, limits are what Redis says.
		LATCHKEY_LIMITS_TIMEOUT_MS: '10000',
		// Where PostgreSQL is to fail, it is one of the test's own.
		...(backing === undefined ? {LATCHKEY_DATABASE_STATEMENT_TIMEOUT_MS: '5000'} : {}),
	};
	const programs: Program[] = [];

	return {
		env,
		database,
		ownerDatabase: {...database, user: testServices().postgres.owner},
		redis,
		secretsDirectory,
		async startServer(more = {}) {
			const port = Number(more['LATCHKEY_PORT'] ?? (await freePort()));
			const program = startProgram(['server'], {
				...env,
				LATCHKEY_PORT: String(port),
				LATCHKEY_BOOTSTRAP_ADMIN_EMAIL: administrator.email,
				LATCHKEY_BOOTSTRAP_ADMIN_PASSWORD: administrator.password,
				...more,
			});
			programs.push(program);
			const url = `http://127.0.0.1:${port}`;
			await becomesReady(program, `${url}/readyz`);
			const send = async (target: string, options: CallOptions = {}) => {
				const answer = await call(url, target, options);
				record(target, options, answer);
				return answer;
			};
			return Object.assign(program, {
				url,
				port,
				call: send,
				async logIn(
					who: {email: string; password: string; organization_id?: string} = administrator,
				) {
					const answer = await send('/api/v1/auth/login', {body: who});
					if (answer.status !== 200) throw new Error(`login: ${answer.status} ${answer.text}`);
					return (answer.json() as Tokens).access_token;
				},
			});
		},
		async startWorker(more = {}) {
			const port = await freePort();
			const program = startProgram(['worker'], {
				...env,
				LATCHKEY_WORKER_PORT: String(port),
				...more,
			});
			programs.push(program);
			const url = `http://127.0.0.1:${port}`;
			await becomesReady(program, `${url}/readyz`);
			const state = async () => (await call(url, '/readyz')).json() as WorkerState;
			return Object.assign(program, {
				url,
				state,
				isReady: async () => (await call(url, '/readyz')).status === 200,
				async lastFlush() {
					const {last_flush_at: at} = await state();
					return at === null ? 0 : Date.parse(at);
				},
			});
		},
		heard: (received) => record('/', {method: 'GET'}, readAnswer(received)),
		programs: () => programs,
		async stop() {
			await Promise.all(programs.map((program) => program.stop()));
			await close();
		},
	};
}

/** A database and a Redis of a test, which are gone when the appliance stops. */
export function onServices(database: TestDatabase, redis: TestRedis): Backing {
	return {
		env: {...database.env, ...redis.env},
		database: database.config,
		redis: redis.config,
		async close() {
			await Promise.all([database.drop(), redis.stop()]);
		},
	};
}

async function becomesReady(program: Program, url: string): Promise<void> {
	let ended = false;
	void program.exited.then(() => {
		ended = true;
	});
	const ready = await eventually(
		async () => {
			if (ended) return 'ended';
			return (await call(url, '/readyz', {timeoutMs: 2000})).status === 200 && 'ready';
		},
		{withinMs: 60_000, what: 'the program to be ready'},
	);
	if (ready === 'ended') throw new Error(`the program ended: ${program.output()}`);
}

/** The organisation that the first start makes. */
export async function defaultOrganisation(server: Server, jwt: string): Promise<Organisation> {
	const answer = await server.call('/api/v1/organizations', {bearer: jwt});
	const [organisation] = answer.json() as Organisation[];
	if (organisation === undefined) throw new Error('no organisation');
	return organisation;
}

export async function makeOrganisation(
	server: Server,
	jwt: string,
	plan: Plan,
): Promise<Organisation> {
	const answer = await patiently(() =>
		server.call('/api/v1/organizations', {bearer: jwt, body: {name: `on ${plan}`, plan}}),
	);
	if (answer.status !== 201) throw new Error(`create: ${answer.status} ${answer.text}`);
	return answer.json() as Organisation;
}

/** Asks again as long as a server says that it is too busy: a test that is about something else goes on. */
export function patiently(ask: () => Promise<Answer>): Promise<Answer> {
	return eventually(
		async () => {
			const answer = await ask();
			return answer.status !== 503 && answer;
		},
		{what: 'a server that is not too busy'},
	);
}

export async function makeKey(
	server: Server,
	jwt: string,
	organisationId: string,
	name = 'a key',
): Promise<CreatedKey> {
	const path = `/api/v1/organizations/${organisationId}/api-keys`;
	const answer = await patiently(() => server.call(path, {bearer: jwt, body: {name}}));
	if (answer.status !== 201) throw new Error(`create: ${answer.status} ${answer.text}`);
	return answer.json() as CreatedKey;
}

/** A user who is not an operator, with a role in one organisation; returns what logs in. */
export async function makeMember(
	database: DatabaseConfig,
	organisationId: string,
	role: Role,
): Promise<{email: string; password: string}> {
	const password = 'a long enough password';
	const email = `${role}-${organisationId.slice(0, 8)}@example.com`;
	const db = connectDatabase(database, 'test');
	try {
		const passwordHash = await hashPassword(password);
		const user = await insertUser(db, {email, passwordHash, isOperator: false, origin: 'operator'});
		await insertMembership(db, {organisationId, userId: user.id, role});
	} finally {
		await db.destroy();
	}
	return {email, password};
}

/** A user as an operator makes one, with the password set by the one-time code. */
export async function makeUser(
	server: Server,
	jwt: string,
	user: {email: string; operator?: boolean},
): Promise<{id: string; email: string; password: string}> {
	const password = 'seven quiet dogs at noon';
	const made = await server.call('/api/v1/users', {bearer: jwt, body: user});
	if (made.status !== 201) throw new Error(`user: ${made.status} ${made.text}`);
	const {id, email, code} = made.json() as {id: string; email: string; code: string};
	const set = await server.call('/api/v1/auth/password-reset', {body: {code, password}});
	if (set.status !== 200) throw new Error(`password: ${set.status} ${set.text}`);
	return {id, email, password};
}
