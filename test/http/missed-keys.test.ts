import {createServer, type IncomingMessage, type ServerResponse} from 'node:http';
import type {AddressInfo} from 'node:net';
import test, {type ExecutionContext} from 'ava';
import type {Source} from '../../contract/sources.ts';
import type {FullVerification} from '../../contract/verification.ts';
import {connectDatabase} from '../../core/db/connect.ts';
import {createKeyFormat} from '../../core/keys/token.ts';
import {FactsMemory} from '../../core/verification/facts.ts';
import {createHandler} from '../../server/app.ts';
import {createDecisions} from '../../server/decisions/decisions.ts';
import {InFlight} from '../../server/http/overload.ts';
import {createMetrics} from '../../server/metrics/metrics.ts';
import {makeKey, makeOrganisation, patiently} from '../helpers/appliance.ts';
import {openDeps} from '../helpers/deps.ts';
import {bytesOf, call, type Answer, type CallOptions} from '../helpers/http.ts';
import {openAppliance} from '../helpers/opening.ts';
import {eventually} from '../helpers/program.ts';

/*
Keys that memory does not have are asked for before the application, and answered there. The server that is
asked here runs in this process, with a memory of two keys.
*/

const mostInFlight = 3;
const statementTimeoutMs = 900;

const {appliance, server: other, jwt} = await openAppliance();
const owner = connectDatabase(appliance.ownerDatabase, 'test');

/** Keys that were asked for in PostgreSQL. */
let asked = 0;
const deps = await openDeps(
	appliance,
	{
		LATCHKEY_CACHE_MAX_KEYS: '2',
		LATCHKEY_MAX_IN_FLIGHT: String(mostInFlight),
		LATCHKEY_DATABASE_STATEMENT_TIMEOUT_MS: String(statementTimeoutMs),
	},
	{
		memory: (options) =>
			new FactsMemory({
				...options,
				read(hashes) {
					asked += hashes.length;
					return options.read(hashes);
				},
			}),
	},
);
deps.coherence.start();
const whole = await listen(createHandler(deps, createMetrics(deps), {isDraining: false}));

const organisation = await makeOrganisation(other, jwt, 'team');
const made = await Promise.all(
	['one', 'two', 'three', 'four'].map((name) => makeKey(other, jwt, organisation.id, name)),
);
const [{key: one}, {key: two}, {key: three}, {key: four}] = made as [Key, Key, Key, Key];
const source = (
	await patiently(() =>
		other.call('/api/v1/sources', {bearer: one, body: {name: 'a source', type: 'http'}}),
	)
).json() as Source;

type Key = (typeof made)[number];
type Local = {ask: (path: string, options?: CallOptions) => Promise<Answer>; close: () => void};

test.before(async () => {
	await eventually(async () => deps.coherence.isHeld(), {what: 'a lease'});
});

test.after.always(async () => {
	whole.close();
	await deps.coherence.stop();
	await deps.close();
	await owner.destroy();
	await appliance.stop();
});

async function listen(
	handle: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Local> {
	const server = createServer(handle).listen(0, '127.0.0.1');
	await new Promise((resolve) => server.once('listening', resolve));
	const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	return {ask: (path, options) => call(url, path, options), close: () => server.close()};
}

/** All that memory has room for is other keys. */
async function forget(): Promise<void> {
	for (const key of [three, four, three, four]) {
		await whole.ask('/api/v1/keys/self', {bearer: key});
	}
}

const unknownKey = () => createKeyFormat('hklst_').generate();

/** What is asked with one key, or about it. */
const requests: Record<string, (key: string) => [path: string, options: CallOptions]> = {
	self: (key) => ['/api/v1/keys/self', {bearer: key}],
	'forward-auth': (key) => ['/api/v1/forward-auth', {bearer: key}],
	'forward-auth with scopes': (key) => ['/api/v1/forward-auth?scopes=a.b', {bearer: key}],
	'verify, of itself': (key) => ['/api/v1/keys/verify', {bearer: key, body: {key}}],
	'verify, of another': (key) => ['/api/v1/keys/verify', {bearer: two, body: {key}}],
	'verify in full': (key) => ['/api/v1/keys/verify?view=full', {bearer: key, body: {key: two}}],
	'verify with scopes': (key) => ['/api/v1/keys/verify', {bearer: two, body: {key, scopes: 'a.b'}}],
	sources: (key) => ['/api/v1/sources', {bearer: key}],
	'a source': (key) => [`/api/v1/sources/${source.id}`, {bearer: key}],
};

/** A server whose application answers nothing, on the same memory. */
async function withoutApplication(t: ExecutionContext): Promise<Local> {
	const local = await listen(
		createDecisions(
			deps,
			createMetrics(deps),
			{isForeign: () => false, inFlight: new InFlight(mostInFlight)},
			(_request, response) => response.writeHead(501).end('application'),
		),
	);
	t.teardown(local.close);
	return local;
}

for (const [name, make] of Object.entries(requests)) {
	test.serial(
		`${name}: a key that memory does not have is answered as the application does`,
		async (t) => {
			const [path, options] = make(one);
			await forget();
			const headers = {Accept: 'text/problem'};
			const slow = await whole.ask(path, {...options, headers});
			await forget();
			const before = asked;
			const fast = await whole.ask(path, options);
			t.true(asked > before);
			t.true(fast.status < 500, fast.text);
			t.is(bytesOf(fast), bytesOf(slow));
			await forget();
			const local = await withoutApplication(t);
			t.is((await local.ask(path, options)).status, fast.status);
		},
	);

	test.serial(`${name}: PostgreSQL that does not answer is asked once`, async (t) => {
		await forget();
		const lock = await owner.transaction();
		t.teardown(() => lock.rollback());
		await lock.raw('lock table key_hashes in access exclusive mode');
		const before = asked;
		const answer = await whole.ask(...make(one));
		t.is(asked - before, 1);
		t.is(answer.status, 503, answer.text);
		t.is(answer.text, '{"error":"Service temporarily unavailable"}');
		t.is(answer.headers['retry-after'], '1');
		await lock.rollback();
		const again = await whole.ask(...make(one));
		t.true(again.status < 500, again.text);
	});
}

test.serial('a key that nobody has is refused, and remembered as such', async (t) => {
	const local = await withoutApplication(t);
	for (const make of [requests['self'], requests['forward-auth'], requests['verify, of itself']]) {
		const strange = unknownKey();
		const before = asked;
		const options = make?.(strange) ?? ['', {}];
		const first = await local.ask(...options);
		t.is(first.status, 401);
		t.is(first.text, '{"error":"Invalid or missing API key"}');
		t.is(bytesOf(await local.ask(...options)), bytesOf(first));
		t.is(asked - before, 1, 'and the key that it asks about is not looked for');
	}
});

test.serial('where it was known from is told', async (t) => {
	const [path, options] = requests['verify in full']?.(one) ?? ['', {}];
	await forget();
	t.is(((await whole.ask(path, options)).json() as FullVerification).source, 'database');
	t.is(((await whole.ask(path, options)).json() as FullVerification).source, 'memory');
});

test.serial('what is asked at once about one key is asked once', async (t) => {
	await forget();
	const local = await withoutApplication(t);
	const before = asked;
	const answers = await Promise.all(
		Array.from({length: mostInFlight}, () => local.ask('/api/v1/keys/self', {bearer: one})),
	);
	t.deepEqual(
		answers.map(({status}) => status),
		answers.map(() => 200),
	);
	t.is(asked - before, 1);
});

test.serial('who waits for a key takes a place of those that are worked on', async (t) => {
	await forget();
	const lock = await owner.transaction();
	t.teardown(() => lock.rollback());
	await lock.raw('lock table key_hashes in access exclusive mode');
	const waiting = Array.from({length: mostInFlight}, () =>
		whole.ask('/api/v1/keys/self', {bearer: one}),
	);
	await eventually(async () => {
		const answer = await whole.ask('/api/v1/keys/self', {bearer: unknownKey()});
		return answer.headers['latchkey-error-code'] === 'overloaded';
	});
	// What memory has needs no place.
	t.is((await whole.ask('/api/v1/keys/self', {bearer: four})).status, 200);
	await lock.rollback();
	for (const answer of await Promise.all(waiting)) {
		t.true([200, 503].includes(answer.status), answer.text);
	}
	await eventually(
		async () => (await whole.ask('/api/v1/keys/self', {bearer: one})).status === 200,
	);
	const places = await Promise.all(
		[one, two, three].map((key) => whole.ask('/api/v1/keys/self', {bearer: key})),
	);
	t.deepEqual(
		places.map(({status}) => status),
		[200, 200, 200],
		'the places were given back',
	);
});
