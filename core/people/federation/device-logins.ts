import {randomBytes, randomUUID} from 'node:crypto';
import type {Knex} from 'knex';
import type {By} from '../../actor.ts';
import type {DeviceLoginRow} from '../../db/tables.ts';
import {sealedColumns} from '../../secrets/sealed-columns.ts';
import type {Vault} from '../../secrets/vault.ts';
import {identify, type IdentifiedUser} from './identities.ts';
import {authorizeDevice, redeemDeviceCode, type DeviceAuthorization} from '../../issuers/device.ts';
import type {Issuer, Issuers} from '../../issuers/issuers.ts';
import {rightsOf, type ClaimedRights, type Claims} from '../../issuers/rights.ts';
import {hashOpaqueToken, newOpaqueToken} from '../tokens/opaque-token.ts';
import type {Refused} from './federated-users.ts';
import {openSession} from '../sessions.ts';

/** Each `slow_down` of a provider makes the interval longer by this (RFC 8628, 3.5). */
const slowDownSeconds = 5;

export type StartedLogin = Omit<DeviceAuthorization, 'deviceCode'> & {
	/** Whoever has it gets the tokens; only its hash is kept. */
	code: string;
};

/**
 * Starts a login at a provider, to be approved there. Any server can go on with it.
 *
 * @throws {ProviderFault}
 */
export async function startDeviceLogin(
	db: Knex,
	vault: Vault,
	issuer: Issuer,
): Promise<StartedLogin> {
	const nonce = randomBytes(16).toString('base64url');
	const {deviceCode, ...authorization} = await authorizeDevice(issuer, nonce);
	const id = randomUUID();
	const code = newOpaqueToken('lkdc_');
	await db('device_logins').insert({
		id,
		code_hash: hashOpaqueToken(code),
		provider: issuer.provider.name,
		device_code: vault.seal(sealedColumns.deviceCode, id, Buffer.from(deviceCode)),
		nonce,
		interval_seconds: authorization.intervalSeconds,
		expires_at: db.raw("now() + ? * interval '1 second'", [
			authorization.expiresInSeconds,
		]) as unknown as Date,
	});
	return {code, ...authorization};
}

export type DeviceLoginProgress =
	| {kind: 'pending' | 'slow down' | 'expired'}
	| {kind: 'denied'; issuer: Issuer; refused: Refused}
	| {kind: 'opened'; userId: string; sessionId: string; refreshToken: string};

/**
 * Asks the provider whether a login was approved, no more often than it allows; when it was, opens a
 * session, once.
 *
 * @throws {ProviderFault} the login goes on; the provider may be asked again
 */
export async function continueDeviceLogin(
	{db, vault, issuers}: {db: Knex; vault: Vault; issuers: Issuers},
	by: By,
	{code, userAgent}: {code: string; userAgent: string | undefined},
): Promise<DeviceLoginProgress> {
	const turn = await takeTurn(db, code);
	if (typeof turn === 'string') return {kind: turn};
	const issuer = issuers.named(turn.provider);
	if (issuer?.provider.device === undefined) return end(db, turn, {kind: 'expired'});
	const deviceCode = vault.open(sealedColumns.deviceCode, turn.id, turn.device_code).toString();
	const grant = await redeemDeviceCode(issuer, deviceCode, turn.nonce);
	switch (grant.kind) {
		case 'pending':
			return {kind: 'pending'};
		case 'slow down':
			await slowDown(db, turn);
			return {kind: 'slow down'};
		case 'expired':
			return end(db, turn, {kind: 'expired'});
		case 'denied': {
			const refused = {kind: 'refused', reason: 'denied'} as const;
			return end(db, turn, {kind: 'denied', issuer, refused});
		}
		case 'granted':
			return open(db, by, turn, issuer, grant.claims, userAgent);
	}
}

/** Deletes logins that can no longer be approved. @returns how many */
export async function pruneDeviceLogins(db: Knex): Promise<number> {
	return await db('device_logins').whereRaw('expires_at < now()').delete();
}

type Turn = Pick<DeviceLoginRow, 'id' | 'provider' | 'device_code' | 'nonce'>;

/** The right to ask the provider now, which one request at a time has, over all servers. */
async function takeTurn(db: Knex, code: string): Promise<Turn | 'slow down' | 'expired'> {
	const hash = hashOpaqueToken(code);
	const [turn] = await db('device_logins')
		.where({code_hash: hash})
		.whereRaw('expires_at > now() and next_poll_at <= now()')
		.update({next_poll_at: db.raw("now() + interval_seconds * interval '1 second'")})
		.returning(['id', 'provider', 'device_code', 'nonce']);
	if (turn !== undefined) return turn;
	const waiting = await db('device_logins')
		.where({code_hash: hash})
		.whereRaw('expires_at > now()')
		.select('id')
		.first();
	return waiting === undefined ? 'expired' : 'slow down';
}

async function slowDown(db: Knex, {id}: Turn): Promise<void> {
	await db('device_logins')
		.where({id})
		.update({
			interval_seconds: db.raw('interval_seconds + ?', [slowDownSeconds]),
			next_poll_at: db.raw("now() + (interval_seconds + ?) * interval '1 second'", [
				slowDownSeconds,
			]),
		});
}

async function end<T extends DeviceLoginProgress>(db: Knex, {id}: Turn, outcome: T): Promise<T> {
	await db('device_logins').where({id}).delete();
	return outcome;
}

async function open(
	db: Knex,
	by: By,
	turn: Turn,
	issuer: Issuer,
	claims: Claims,
	userAgent: string | undefined,
): Promise<DeviceLoginProgress> {
	const {provider} = issuer;
	const identified = await identify(db, by, provider, claims);
	if (identified.kind === 'refused') {
		return end(db, turn, {kind: 'denied', issuer, refused: identified});
	}
	const {user} = identified;
	const rights = rightsOf(provider.claims, claims);
	const organisationId = await organisationOf(db, user, rights);
	return db.transaction(async (transaction): Promise<DeviceLoginProgress> => {
		// Who takes it away opens the session.
		const taken = await transaction('device_logins').where({id: turn.id}).delete();
		if (taken === 0) return {kind: 'expired'};
		const session = await openSession(transaction, by, {
			userId: user.id,
			email: user.email,
			organisationId,
			userAgent,
			outside: {
				provider: provider.name,
				rights,
				sessionSeconds: provider.device?.sessionSeconds ?? 0,
			},
		});
		return {kind: 'opened', userId: user.id, ...session};
	});
}

/** The organisation a session acts in: the first of the map that exists, or of the memberships. */
async function organisationOf(
	db: Knex,
	user: IdentifiedUser,
	rights: ClaimedRights | undefined,
): Promise<string | null> {
	if (rights?.roles === undefined) return user.organisation_id;
	const ids = Object.keys(rights.roles);
	const existing: string[] = await db('organisations').whereIn('id', ids).pluck('id');
	return ids.find((id) => existing.includes(id)) ?? null;
}
