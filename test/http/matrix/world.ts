import {bySystem, type By} from '../../../core/actor.ts';
import type {Deps} from '../../../core/deps.ts';
import type {RequestedTerms} from '../../../contract/key-terms.ts';
import {alterKey} from '../../../core/keys/alter.ts';
import {insertKey, revokeKey} from '../../../core/keys/store.ts';
import {suspending} from '../../../core/keys/suspend.ts';
import {hashKey} from '../../../core/keys/token.ts';
import {hashPassword} from '../../../core/people/passwords/password.ts';
import {openSession} from '../../../core/people/sessions.ts';
import {insertMembership, insertUser} from '../../../core/people/store.ts';
import {grantToken} from '../../../core/people/machines/grant.ts';
import {clientSecrets, insertClientSecret} from '../../../core/people/machines/secrets.ts';
import {insertServiceAccount} from '../../../core/people/machines/store.ts';
import {allows, permissions, type Permission} from '../../../contract/permissions.ts';
import {roles, type Role} from '../../../contract/people.ts';
import type {Plan} from '../../../contract/organisations.ts';
import {quotaRequest, rateLimits} from '../../../contract/rate-limits.ts';
import {scopeOf} from '../../../contract/scopes.ts';
import type {ServiceAccountRole} from '../../../contract/service-accounts.ts';
import type {Appliance} from '../../helpers/appliance.ts';
import {openDeps} from '../../helpers/deps.ts';

/** Everybody who may send a request; where nothing else is said, of the organisation that is asked for. */
export const actors = [
	'nobody',
	'malformed credential',
	'live key',
	'revoked key',
	'suspended key',
	'expired key',
	'key off the Team plan',
	'key of other addresses',
	'key without scopes',
	'key with the scopes',
	'key with the scopes by a role',
	'key with scopes of another separator',
	'key with every scope of services',
	'key with those by a role',
	'key of another organisation',
	'verifier',
	'viewer',
	'developer',
	'admin',
	'owner',
	'owner of another organisation',
	'operator',
	'disabled user',
	'ended session',
	'machine verifier',
	'machine viewer',
	'machine developer',
	'machine admin',
	'machine of another organisation',
	'disabled machine',
	'machine with a revoked secret',
] as const;
export type ActorName = (typeof actors)[number];

/** Of Latchkey, one by one. */
const ownScopes = (Object.keys(permissions) as Permission[])
	.filter((permission) => allows(permission, 'key'))
	.map(scopeOf);

export type Headers = Record<string, string>;

/** Who and what there is, made by the product's own code, without a request. */
export type World = {
	deps: Deps;
	by: By;
	/** The organisation that is asked for, and another one; both on the Team plan. */
	home: string;
	other: string;
	/** New ones for everybody. */
	credentials: () => Promise<Record<ActorName, Headers>>;
	person: (actor: ActorName) => Person;
	/** New ones: one with a single use in a month, and one whose quota is nothing. */
	keysWithoutRoom: () => Promise<Record<'limited' | 'spent', Headers>>;
};

type Person = {userId: string; email: string; organisationId: string};

/** Of every user. */
export const password = 'everybody has this passphrase';

/** Logs somebody in. */
export function sessionOf({deps, by}: Pick<World, 'deps' | 'by'>, person: Person) {
	return deps.db.transaction((transaction) =>
		openSession(transaction, by, {...person, userAgent: undefined}),
	);
}

export async function createWorld(appliance: Appliance): Promise<World> {
	const deps = await openDeps(appliance);
	try {
		return await populate(deps);
	} catch (error) {
		await deps.close();
		throw error;
	}
}

async function populate(deps: Deps): Promise<World> {
	const {db} = deps;
	const by = bySystem('test');

	const organisation = async (name: string, plan: Plan): Promise<string> => {
		const [row] = await db('organisations').insert({name, plan}).returning('id');
		if (row === undefined) throw new Error('no organisation');
		return row.id;
	};
	const home = await organisation('home', 'team');
	const other = await organisation('other', 'team');
	const free = await organisation('free', 'free');

	await db('key_roles').insert([
		{organisation_id: home, name: 'latchkey', scopes: ownScopes},
		{organisation_id: home, name: 'services', scopes: ['*']},
	]);

	const passwordHash = await hashPassword(password);
	const users = new Map<ActorName, Person>();
	const person = async (name: ActorName, role: Role | undefined, organisationId = home) => {
		const email = `${name.replaceAll(' ', '.')}@home.example`;
		const {id: userId} = await insertUser(db, {
			email,
			passwordHash,
			isOperator: role === undefined,
			origin: 'operator',
		});
		if (role !== undefined) await insertMembership(db, {organisationId, userId, role});
		users.set(name, {userId, email, organisationId});
	};
	for (const role of roles) await person(role, role);
	await person('owner of another organisation', 'owner', other);
	await person('operator', undefined);
	await person('disabled user', 'owner');
	await person('ended session', 'owner');
	const userOf = (name: ActorName) => {
		const user = users.get(name);
		if (user === undefined) throw new Error(`no user: ${name}`);
		return user;
	};
	await db('users')
		.where({id: userOf('disabled user').userId})
		.update({disabled_at: db.raw('now()')});

	const bearer = (token: string): Headers => ({Authorization: `Bearer ${token}`});

	async function key(organisationId: string, terms: RequestedTerms = {}) {
		const plain = deps.keys.generate();
		const hash = hashKey(plain);
		const made = {name: 'an actor', hash, hint: deps.keys.hint(plain), terms};
		const row = await db.transaction((transaction) =>
			insertKey(transaction, by, organisationId, made),
		);
		return {id: row.id, headers: bearer(plain)};
	}

	async function session(name: ActorName): Promise<{sessionId: string; headers: Headers}> {
		const user = userOf(name);
		const {sessionId} = await sessionOf({deps, by}, user);
		const token = await deps.accessTokens.issue({kind: 'user', userId: user.userId, sessionId});
		return {sessionId, headers: bearer(token)};
	}

	async function machine(role: ServiceAccountRole, organisationId = home) {
		const {id} = await insertServiceAccount(
			db,
			by,
			organisationId,
			{name: 'an actor', role},
			deps.config.limits.serviceAccounts,
		);
		const secret = clientSecrets.generate();
		await insertClientSecret(db, by, organisationId, id, {secret, expiresAt: null});
		const grant = await grantToken(db, by, {clientId: id, secret});
		if (grant.kind === 'refused') throw new Error(grant.reason);
		const token = await deps.accessTokens.issue({...grant, kind: 'service_account'});
		return {id, headers: bearer(token)};
	}

	return {
		deps,
		by,
		home,
		other,
		person: userOf,
		async keysWithoutRoom() {
			const rate_limits = [{name: 'once', limit: 1, window_seconds: 2_592_000}];
			const limited = await key(home, {rate_limits: rateLimits('').parse(rate_limits)});
			const quota = quotaRequest('').parse({limit: 0, period: 'total'});
			return {limited: limited.headers, spent: (await key(home, {quota})).headers};
		},
		async credentials() {
			const revoked = await key(home);
			await db.transaction((transaction) => revokeKey(transaction, by, home, revoked.id));
			const suspended = await key(home);
			const judging = suspending(null, deps.clock);
			const place = {organisationId: home, keyId: suspended.id};
			await db.transaction((transaction) => alterKey(transaction, by, place, judging));
			const ended = await session('ended session');
			await db('sessions')
				.where({id: ended.sessionId})
				.update({ended_at: db.raw('now()')});
			const disabled = await machine('admin');
			await db('service_accounts')
				.where({id: disabled.id})
				.update({disabled_at: db.raw('now()')});
			const withoutSecret = await machine('admin');
			await db('client_secrets').where({service_account_id: withoutSecret.id}).delete();
			return {
				nobody: {},
				'malformed credential': {Authorization: 'Bearer'},
				'live key': (await key(home)).headers,
				'revoked key': revoked.headers,
				'suspended key': suspended.headers,
				'expired key': (await key(home, {expires_at: new Date(Date.now() - 1000)})).headers,
				'key off the Team plan': (await key(free)).headers,
				'key of other addresses': (await key(home, {ip_allow: ['192.0.2.0/24']})).headers,
				'key without scopes': (await key(home, {scopes: []})).headers,
				'key with the scopes': (await key(home, {scopes: ownScopes})).headers,
				'key with the scopes by a role': (await key(home, {scopes: [], roles: ['latchkey']}))
					.headers,
				'key with scopes of another separator': (
					await key(home, {scopes: ['latchkey.*', 'latchkey/*']})
				).headers,
				'key with every scope of services': (await key(home, {scopes: ['*']})).headers,
				'key with those by a role': (await key(home, {roles: ['services']})).headers,
				'key of another organisation': (await key(other)).headers,
				verifier: (await session('verifier')).headers,
				viewer: (await session('viewer')).headers,
				developer: (await session('developer')).headers,
				admin: (await session('admin')).headers,
				owner: (await session('owner')).headers,
				'owner of another organisation': (await session('owner of another organisation')).headers,
				operator: (await session('operator')).headers,
				'disabled user': (await session('disabled user')).headers,
				'ended session': ended.headers,
				'machine verifier': (await machine('verifier')).headers,
				'machine viewer': (await machine('viewer')).headers,
				'machine developer': (await machine('developer')).headers,
				'machine admin': (await machine('admin')).headers,
				'machine of another organisation': (await machine('admin', other)).headers,
				'disabled machine': disabled.headers,
				'machine with a revoked secret': withoutSecret.headers,
			};
		},
	};
}
