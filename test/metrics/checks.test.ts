import {randomUUID} from 'node:crypto';
import test from 'ava';
import {outcomeNames, type Outcome} from '../../contract/outcomes.ts';
import {
	createAppliance,
	defaultOrganisation,
	makeKey,
	makeOrganisation,
	type Appliance,
	type Server,
} from '../helpers/appliance.ts';
import {call} from '../helpers/http.ts';
import {eventually} from '../helpers/program.ts';
import {readMetrics, valueOf} from './scrape.ts';

let appliance: Appliance;
let server: Server;
let jwt: string;
let organisation: string;

test.before(async () => {
	appliance = await createAppliance();
	server = await appliance.startServer();
	jwt = await server.logIn();
	({id: organisation} = await defaultOrganisation(server, jwt));
});

test.after.always(() => appliance.stop());

type Counts = Partial<Record<Outcome, number>>;

async function counts(): Promise<Counts> {
	const {text} = await server.call('/metrics');
	return Object.fromEntries(
		outcomeNames.map((outcome) => [outcome, valueOf(text, 'latchkey_key_checks_total', {outcome})]),
	);
}

/** By how much the counts grow while something is done. */
async function grown(work: () => Promise<unknown>): Promise<Counts> {
	const before = await counts();
	await work();
	const after = await counts();
	return Object.fromEntries(
		outcomeNames
			.map((outcome) => [outcome, (after[outcome] ?? 0) - (before[outcome] ?? 0)] as const)
			.filter(([, more]) => more !== 0),
	);
}

const verify = (key: string, more: object = {}) =>
	server.call('/api/v1/keys/verify', {bearer: jwt, body: {key, ...more}});

test.serial(
	'each check counts once under what it came to, whichever way it was asked for',
	async (t) => {
		const path = `/api/v1/organizations/${organisation}/api-keys`;
		const make = async (terms: object) => {
			const answer = await server.call(path, {bearer: jwt, body: {name: 'a key', ...terms}});
			return answer.json() as {id: string; key: string};
		};
		const {key} = await make({});
		const use = () => server.call('/api/v1/keys/self', {bearer: key});
		t.deepEqual(await grown(use), {valid: 1}, 'from PostgreSQL');
		t.deepEqual(await grown(use), {valid: 1}, 'from memory');
		const sources = () => server.call('/api/v1/sources', {bearer: key});
		t.deepEqual(await grown(sources), {valid: 1});
		const asked = () => server.call('/api/v1/forward-auth', {bearer: key});
		t.deepEqual(await grown(asked), {valid: 1});
		t.deepEqual(await grown(() => verify(key)), {valid: 1});
		t.deepEqual(await grown(() => verify(key, {dry_run: true})), {}, 'a dry run is no use');
		const batch = {keys: [{key}, {key: 'hklst_short'}, {key}]};
		const many = () => server.call('/api/v1/keys/verify/batch', {bearer: jwt, body: batch});
		t.deepEqual(await grown(many), {malformed: 1, valid: 2}, 'each of a batch');

		t.deepEqual(await grown(() => verify('hklst_short')), {malformed: 1});
		t.deepEqual(await grown(() => server.call('/api/v1/keys/self', {bearer: 'hklst_short'})), {
			malformed: 1,
		});
		const foreign = await makeOrganisation(server, jwt, 'team');
		const other = await makeKey(server, jwt, foreign.id);
		t.deepEqual(await grown(() => verify(other.key)), {unknown: 1}, 'of another organisation');

		const narrow = await make({ip_allow: ['192.0.2.0/24']});
		t.deepEqual(await grown(() => verify(narrow.key, {ip: '198.51.100.1'})), {ip_denied: 1});
		const limited = await make({rate_limits: [{name: 'one', limit: 1, window_seconds: 3600}]});
		t.deepEqual(await grown(() => verify(limited.key)), {valid: 1});
		t.deepEqual(await grown(() => verify(limited.key)), {rate_limited: 1});
		await server.call(`${path}/${narrow.id}`, {bearer: jwt, method: 'DELETE'});
		t.deepEqual(await grown(() => verify(narrow.key)), {revoked: 1});
		t.deepEqual(await grown(() => server.call(path, {bearer: jwt})), {}, 'a JWT is no key');
	},
);

test.serial(
	'whatever callers send, there are no more series, and nothing of it is in them',
	async (t) => {
		const {key, id} = await makeKey(server, jwt, organisation);
		const series = async () => {
			const {text} = await server.call('/metrics');
			const ours = [...readMetrics(text)].filter(([name]) => !name.startsWith('latchkey_nodejs_'));
			const all = ours.flatMap(([name, {samples}]) =>
				samples.map(({labels}) => `${name} ${JSON.stringify(labels)}`),
			);
			return {all: new Set(all), text};
		};
		const load = async () => {
			for (let i = 0; i < 20; i++) {
				const random = randomUUID();
				await server.call(`/${random}`, {headers: {'User-Agent': random}});
				await server.call(`/api/v1/sources/${random}?q=${random}`, {bearer: key});
				await server.call(`/api/v1/organizations/${random}/api-keys/${random}`, {bearer: jwt});
				await server.call('/api/v1/keys/self', {bearer: `${key.slice(0, -1)}${i % 10}`});
				await verify(key, {tags: [random], ip: `192.0.2.${i}`});
			}
		};
		await load();
		const before = await series();
		await load();
		const after = await series();
		t.deepEqual([...after.all.difference(before.all)], []);
		const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-/;
		for (const secret of [uuid, new RegExp(`${id}|${key}|192\\.0\\.2|hklst_`)]) {
			t.notRegex(after.text, secret);
		}
	},
);

test.serial('a worker answers for itself: how its passes went, and to whom it may', async (t) => {
	const token = 'a token for those who measure';
	const [open, guarded] = [
		await appliance.startWorker(),
		await appliance.startWorker({LATCHKEY_METRICS_TOKEN: token}),
	];
	const flush = {task: 'flush-usage'};
	for (const [worker, headers] of [
		[open, {}],
		[guarded, {Authorization: `Bearer ${token}`}],
	] as const) {
		await eventually(
			async () => {
				const {text} = await call(worker.url, '/metrics', {headers});
				const done = valueOf(text, 'latchkey_job_passes_total', {...flush, result: 'done'}) ?? 0;
				const at = valueOf(text, 'latchkey_job_last_done_timestamp_seconds', flush) ?? 0;
				return done > 0 && at > 1.7e9;
			},
			{what: 'a pass of usage'},
		);
	}
	for (const headers of [{}, {Authorization: 'Bearer another token than that'}]) {
		const refused = await call(guarded.url, '/metrics', {headers});
		t.is(refused.status, 401);
		t.is(refused.headers['www-authenticate'], 'Bearer');
		t.notRegex(refused.text, /latchkey_/);
	}
	const {text} = await eventually(
		async () => {
			const answer = await server.call('/metrics');
			return valueOf(answer.text, 'latchkey_workers', {state: 'running'}) === 2 && answer;
		},
		{what: 'the server to tell of both'},
	);
	t.is(valueOf(text, 'latchkey_jobs_failing', flush), 0);
	t.true((valueOf(text, 'latchkey_usage_settled_age_seconds') ?? Infinity) < 3600);
});
