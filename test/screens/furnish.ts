import {randomBytes} from 'node:crypto';
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

/** What the walks through the console need to know of an appliance. */
export type Furnished = {
	/** A key that is about to have used up what it may. */
	readonly limited: {readonly name: string; readonly spend: (times: number) => Promise<void>};
	/** A key of the organisation, as whoever finds it has it. */
	readonly leaked: string;
};

/** Fills an appliance with what an organisation has after a while: all of it over the API. */
export async function furnish(url: string, administrator: Administrator): Promise<Furnished> {
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
	let leaked = '';
	for (const [index, name] of keys.entries()) {
		const {id, key} = await send<{id: string; key: string}>(`${base}/api-keys`, {name});
		ids.push(id);
		if (name === 'billing-prod') leaked = key;
		for (let use = 0; use < (index * 7) % 23; use++) {
			await call(url, '/api/v1/keys/self', {bearer: key, headers: userAgent(name)});
		}
		if (name.startsWith('billing')) {
			for (let use = 0; use < 40; use++) {
				await call(url, '/api/v1/keys/self', {bearer: key, headers: userAgent(name)});
			}
		}
		if (index < 3) {
			const source = {name: `${name} events`, type: 'http'};
			await call(url, '/api/v1/sources', {bearer: key, body: source});
		}
	}
	await call(url, `/api/v1${base}/api-keys/${ids[4] ?? ''}`, {bearer, method: 'DELETE'});
	await furnishRights(base, send);
	await furnishStates(url, base, send);
	await furnishPeople(url, base, send);
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
	return {limited: {name, spend}, leaked};
}

/** The program that uses a key. */
function userAgent(name: string): Record<string, string> {
	return {'User-Agent': `${name.split('-')[0] ?? ''}/2.4 node-fetch`};
}

type Send = <Answer>(path: string, body?: object) => Promise<Answer>;

const day = 86_400_000;
const inDays = (days: number) => `${new Date(Date.now() + days * day).toISOString().slice(0, 19)}Z`;

/** A role, and a key that carries much of what a key can. */
async function furnishRights(base: string, send: Send): Promise<void> {
	await send(`${base}/key-roles`, {
		name: 'billing',
		description: 'What the billing service does',
		scopes: ['invoices.read', 'invoices.write', 'customers.read'],
	});
	await send(`${base}/api-keys`, {
		name: 'billing-reports',
		description: 'The nightly export to the warehouse',
		roles: ['billing'],
		scopes: ['reports.read'],
		ip_allow: ['10.20.0.0/16', '2001:db8:20::/48'],
		ip_deny: ['10.20.99.0/24'],
		tags: ['env:prod', 'team:finance'],
		metadata: {ticket: 'FIN-2041'},
		expires_at: inDays(300),
		delete_protected: true,
	});
}

/** Keys that are not simply active. */
async function furnishStates(url: string, base: string, send: Send): Promise<void> {
	const create = (name: string, more: object = {}) =>
		send<{id: string; key: string}>(`${base}/api-keys`, {name, ...more});
	await create('warehouse-2027', {not_before: inDays(30)});
	await create('migration-temp', {expires_at: inDays(3)});
	const {id: held} = await create('partner-umbrella');
	await send(`${base}/api-keys/${held}/suspend`, {reason: 'contract ends, CHG-4471'});
	const {id, key} = await create('checkout-eu');
	const {key: next} = await send<{key: string}>(`${base}/api-keys/${id}/rotate`, {
		grace_seconds: 86_400,
	});
	for (const [bearer, times] of [
		[key, 3],
		[next, 28],
	] as const) {
		for (let use = 0; use < times; use++) {
			await call(url, '/api/v1/keys/self', {bearer, headers: userAgent('checkout')});
		}
	}
}

/** Members besides the administrator, and a program that acts as one. */
async function furnishPeople(url: string, base: string, send: Send): Promise<void> {
	for (const [email, role] of [
		['dana@acme.example', 'admin'],
		['erik@acme.example', 'viewer'],
	] as const) {
		const {code} = await send<{code: string}>(`${base}/invitations`, {email, role});
		const password = randomBytes(18).toString('base64');
		const accepted = await call(url, '/api/v1/invitations/accept', {body: {code, password}});
		if (accepted.status >= 300) throw new Error(`${email}: ${accepted.status} ${accepted.text}`);
	}
	const {id} = await send<{id: string}>(`${base}/service-accounts`, {
		name: 'terraform',
		role: 'developer',
	});
	await send(`${base}/service-accounts/${id}/secrets`, {expires_at: inDays(90)});
}
