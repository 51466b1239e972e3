import type {Knex} from 'knex';
import {version} from '../version.ts';

/**
 * Servers of two versions on one database. A build that does not know a term of a key would accept
 * the key as if it had none: while an upgrade is rolled out, and after it was rolled back.
 *
 * So each version of what keys can carry has a number of its own, which rises with each term that
 * decides, and only then: the number of the last migration would rise with every index, and hold up
 * upgrades that change nothing about keys. Each server writes its number beside its lease; the
 * database knows the least that may decide, which the first use of a term raises, and gives no lease
 * to a server below it (migrations/0020). Each reading of keys brings that number, too, since a
 * server without a lease decides by what it reads.
 */

/** For each version of the terms of keys, what it brought and the first Latchkey that knows it. */
const knownSince = [
	/** 1: nothing but revocation, expiry and the plan of the organisation. */
	'0.1.0',
	/** 2: ip_allow. */
	'0.1.0',
	/** 3: ip_deny. */
	'0.1.0',
	/** 4: suspension. */
	'0.1.0',
	/** 5: scopes. */
	'0.1.0',
	/** 6: not_before. */
	'0.1.0',
	/** 7: the grace of rotated keys. */
	'0.1.0',
	/** 8: roles. */
	'0.1.0',
	/** 9: key policies that are enforced. */
	'0.1.0',
	/** 10: rate limits and quotas, of keys and shared. */
	'0.1.0',
] as const;

/** The version of the terms of keys that this build understands. */
export const termsVersion: number = knownSince.length;

/** Which of them a key asks for by what does not stand among its terms, and a policy that is enforced. */
export const versionsOfState = {
	suspended: 4,
	not_before: 6,
	grace: 7,
	roles: 8,
	enforced_policy: 9,
	shared_limits: 10,
} as const;

/** SQLSTATEs of our own, see migrations/0020. */
const codes = {tooOld: 'LK001', olderIsRunning: 'LK002'} as const;

/** This server must not decide about keys: it does not understand what they carry. Worth a 503. */
export class TooOld extends Error {
	constructor() {
		super('this server is too old for the terms that keys carry');
		this.name = 'TooOld';
	}
}

/** A term cannot be used yet: a server that does not understand it may still decide. */
export class UpgradeInProgress extends Error {
	constructor(cause: unknown) {
		super('a server of an older version is still running', {cause});
		this.name = 'UpgradeInProgress';
	}
}

/**
 * @param least as read in the statement that found the facts
 * @throws {TooOld} nothing may be decided by those facts
 */
export function refuseIfTooOld(least: number | null | undefined, own: number): void {
	if (least === null || least === undefined || own < least) throw new TooOld();
}

/** Whether PostgreSQL refused a lease because the server is too old. */
export function isLeaseRefused(error: unknown): boolean {
	return codeOf(error) === codes.tooOld;
}

/**
 * Has every server understand the terms of a version from the commit of this transaction on. Called
 * first in the transaction of each change that gives a key a term of it.
 *
 * @throws {UpgradeInProgress} while an older server may still decide: the transaction must fail
 */
export async function requireTermsVersion(
	transaction: Knex.Transaction,
	wanted: number,
): Promise<void> {
	const since = knownSince[wanted - 1] ?? version;
	try {
		await transaction.raw('select require_terms_version(?, ?)', [wanted, since]);
	} catch (error) {
		throw codeOf(error) === codes.olderIsRunning ? new UpgradeInProgress(error) : error;
	}
}

/** A server of this version may not start here; the message says which one is needed. */
export class NewerNeeded extends Error {}

/** @throws {NewerNeeded} where keys carry terms of a version above `own` */
export async function refuseToStart(db: Knex, own: number): Promise<void> {
	const {rows} = await db.raw<{rows: [{least: number | null; since: string | null}]}>(
		`select least_terms_version() as least,
			(select value from instance_settings where name = 'least_terms_known_since') as since`,
	);
	const [{least, since}] = rows;
	if (least !== null && own >= least) return;
	throw new NewerNeeded(
		`Latchkey ${since} or newer is needed here, and this is ${version}. Keys of this database carry terms of version ${least}; a server that knows them up to version ${own} would accept what is to be refused. See docs/upgrades.md`,
	);
}

function codeOf(error: unknown): unknown {
	return error instanceof Error && 'code' in error ? error.code : undefined;
}
