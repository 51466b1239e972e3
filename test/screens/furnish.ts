import {call} from '../helpers/http.ts';

type Administrator = {email: string; password: string};

const keys = [
	'billing-prod',
	'billing-staging',
	'ingest-eu',
	'ingest-us',
	'ingest-batch',
	'mobile-eu',
	'reports-nightly',
	'search-indexer',
	'partner-globex',
];

/** A key that is about to have used up what it may. */
export type Limited = {name: string; spend: (times: number) => Promise<void>};

/** Fills an appliance with what an organisation has after a while: all of it over the API. */
export async function furnish(url: string, administrator: Administrator): Promise<Limited> {
	const login = await call(url, '/api/v1/auth/login', {body: administrator});
	const {access_token: bearer} = login.json() as {access_token: string};
	const send = async <Answer>(path: string, body?: object): Promise<Answer> => {
		const answer = await call(url, `/api/v1${path}`, {
			bearer,
			...(body === undefined ? {} : {body}),
		});
		if (answer.status >= 300) throw new Error(`${path}: ${answer.status} ${answer.text}`);
		return answer.json() as Answer;
	};
	const [organisation] = await send<{id: string}[]>('/organizations');
	const base = `/organizations/${organisation?.id ?? ''}`;
	await send('/organizations', {name: 'Globex', plan: 'pro'});
	for (const email of ['ben@acme.example', 'chidi@acme.example']) {
		await send(`${base}/invitations`, {email, role: 'developer'});
	}
	const ids: string[] = [];
	for (const [index, name] of keys.entries()) {
		const {id, key} = await send<{id: string; key: string}>(`${base}/api-keys`, {name});
		ids.push(id);
		for (let use = 0; use < (index * 7) % 23; use++) {
			await call(url, '/api/v1/keys/self', {bearer: key});
		}
		if (name.startsWith('billing')) {
			for (let use = 0; use < 40; use++) await call(url, '/api/v1/keys/self', {bearer: key});
		}
		if (index < 3) {
			const source = {name: `${name} events`, type: 'http'};
			await call(url, '/api/v1/sources', {bearer: key, body: source});
		}
	}
	await call(url, `/api/v1${base}/api-keys/${ids[4] ?? ''}`, {bearer, method: 'DELETE'});
	await send(`${base}/webhooks`, {
		url: 'https://siem.acme.example/latchkey',
		description: 'security events',
	});
	const put = (path: string, body: object) =>
		call(url, `/api/v1${base}/shared-limits/${path}`, {bearer, method: 'PUT', body});
	await put('organization', {rate_limits: [{name: 'all', limit: 50_000, window_seconds: 60}]});
	await put('owner/team/partners', {quota: {limit: 500, period: 'day', timezone: 'Europe/Berlin'}});
	const name = 'partner-initech';
	const {key} = await send<{key: string}>(`${base}/api-keys`, {
		name,
		owner: {type: 'team', id: 'partners'},
		rate_limits: [
			{name: 'requests', limit: 1000, window_seconds: 86_400, burst: 60},
			{name: 'exports', limit: 10, window_seconds: 3600, auto: false},
		],
		quota: {limit: 200, period: 'month', timezone: 'Europe/Berlin'},
	});
	const spend = async (times: number) => {
		for (let at = 0; at < times; at++) await call(url, '/api/v1/sources', {bearer: key});
	};
	return {name, spend};
}
