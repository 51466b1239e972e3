import type {KeyKind, PresentedKey} from './fixture.ts';

/** One row of the table: which requests are sent where, and what must come back. */
export type Target = {
	name: string;
	title: string;
	program: 'bare-koa' | 'bare-node' | 'server';
	keys: KeyKind;
	path: (key: PresentedKey) => string;
	/** Who asks, where it is not the key itself. */
	bearer?: (key: PresentedKey) => string;
	/** JSON of a POST; absent: a GET. @param others all keys of the same organisation */
	body?: (key: PresentedKey, others: readonly PresentedKey[]) => string;
	/** Keys of one request, where that is not one. */
	batch?: number;
	/** Any other status fails the bench. */
	status: number;
	/** Name of the target that it is held against beside bare Koa's GET. */
	likeness?: string;
};

const source = ({sourceId}: PresentedKey) => `/api/v1/sources/${sourceId}`;

const verifyPath = () => '/api/v1/keys/verify';
const keyAsJson = ({text}: PresentedKey) => JSON.stringify({key: text});

/** A request that asks about many keys. */
const batch = 100;

/** What the others are compared with: the framework alone, asked by the same requests. */
export const baseline = 'bare-koa';

export const targets: readonly Target[] = [
	{
		name: baseline,
		title: 'bare Koa + router',
		program: 'bare-koa',
		keys: 'known',
		path: source,
		status: 200,
	},
	{
		name: 'bare-koa-post',
		title: 'bare Koa + router, POST read',
		program: 'bare-koa',
		keys: 'known',
		path: verifyPath,
		body: keyAsJson,
		status: 200,
	},
	{
		name: 'bare-node',
		title: 'bare node:http, key hashed and looked up',
		program: 'bare-node',
		keys: 'known',
		path: () => '/api/v1/keys/self',
		status: 200,
	},
	{
		name: 'bare-node-post',
		title: 'bare node:http, POST read, two keys looked up',
		program: 'bare-node',
		keys: 'known',
		path: verifyPath,
		body: keyAsJson,
		status: 200,
	},
	{
		name: 'get-source',
		title: 'GET source, known key',
		program: 'server',
		keys: 'known',
		path: source,
		status: 200,
	},
	{
		name: 'list-sources',
		title: 'GET sources, known key',
		program: 'server',
		keys: 'known',
		path: () => '/api/v1/sources',
		status: 200,
	},
	{
		name: 'self',
		title: 'GET keys/self, known key',
		program: 'server',
		keys: 'known',
		path: () => '/api/v1/keys/self',
		status: 200,
	},
	{
		name: 'self-laden',
		title: 'GET keys/self, key with scopes, networks and times',
		program: 'server',
		keys: 'laden',
		path: () => '/api/v1/keys/self',
		status: 200,
		likeness: 'self',
	},
	{
		name: 'forward-auth',
		title: 'forward-auth, known key',
		program: 'server',
		keys: 'known',
		path: () => '/api/v1/forward-auth',
		status: 200,
	},
	{
		name: 'forward-auth-scopes',
		title: 'forward-auth, scopes in the query, key with scopes',
		program: 'server',
		keys: 'scoped',
		// As the configuration of a proxy has it: the same for all keys.
		path: () => '/api/v1/forward-auth?scopes=orders.read%20AND%20orders.write',
		status: 200,
		likeness: 'forward-auth',
	},
	{
		name: 'verify',
		title: 'POST keys/verify, known key',
		program: 'server',
		keys: 'known',
		path: verifyPath,
		body: keyAsJson,
		status: 200,
		likeness: 'bare-koa-post',
	},
	{
		name: 'verify-full',
		title: 'POST keys/verify, scopes and address, full answer',
		program: 'server',
		keys: 'described',
		path: verifyPath,
		bearer: ({asker}) => asker,
		body: ({text}) =>
			JSON.stringify({key: text, scopes: ['orders.read', 'orders.write'], ip: '127.0.0.1'}),
		status: 200,
		likeness: 'bare-koa-post',
	},
	{
		name: 'verify-batch',
		title: `POST keys/verify/batch, ${batch} known keys`,
		program: 'server',
		keys: 'known',
		path: () => '/api/v1/keys/verify/batch',
		bearer: ({asker}) => asker,
		body: (key, others) => JSON.stringify({keys: manyOf([key, ...others])}),
		batch,
		status: 200,
		likeness: 'verify',
	},
	{
		name: 'forward-auth-limited',
		title: 'forward-auth, key with a limit',
		program: 'server',
		keys: 'limited',
		path: () => '/api/v1/forward-auth',
		status: 200,
		likeness: 'forward-auth',
	},
	{
		name: 'verify-limited',
		title: 'POST keys/verify, key with a limit',
		program: 'server',
		keys: 'limited',
		path: verifyPath,
		bearer: ({asker}) => asker,
		body: keyAsJson,
		status: 200,
		likeness: 'verify',
	},
	{
		name: 'wrong-checksum',
		title: 'refused: wrong checksum',
		program: 'server',
		keys: 'wrongChecksum',
		path: () => '/api/v1/keys/self',
		status: 401,
	},
	{
		name: 'unknown-key',
		title: 'refused: unknown key',
		program: 'server',
		keys: 'unknown',
		path: () => '/api/v1/keys/self',
		status: 401,
	},
];

function manyOf(keys: readonly PresentedKey[]): {key: string}[] {
	return Array.from({length: batch}, (_, i) => ({key: keys[i % keys.length]?.text ?? ''}));
}

export function bearerOf(target: Target, key: PresentedKey): string {
	return target.bearer?.(key) ?? key.text;
}

/** @throws when no target has that name */
export function find(name: string): Target {
	const target = targets.find((candidate) => candidate.name === name);
	if (target === undefined) throw new Error(`no target is called ${name}`);
	return target;
}
