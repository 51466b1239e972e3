import {randomUUID} from 'node:crypto';
import type {Knex} from 'knex';
import type {RateLimit} from '../contract/rate-limits.ts';
import type {DatabaseConfig} from '../core/config/config.ts';
import type {ApiKeyRow} from '../core/db/tables.ts';
import {hashKey, createKeyFormat, type KeyFormat, type PlainKey} from '../core/keys/token.ts';
import {bySystem} from '../core/actor.ts';
import {insertSource} from '../core/sources/store.ts';
import {sum} from './figures.ts';
import {connectBench} from './statements.ts';

/** What a request presents, and a source of the organisation that the key belongs to. */
export type PresentedKey = {
	text: string;
	id: string;
	organisationId: string;
	sourceId: string;
	/** A known key of the same organisation, which asks about this one. */
	asker: string;
};

/** Keys that carry something: see `carried`. */
export type CarryingKind = keyof typeof carried;

/** `unknown` ones are well formed and stored nowhere. */
export type KeyKind = 'known' | CarryingKind | 'wrongChecksum' | 'unknown';

export type Fixture = Record<KeyKind, readonly PresentedKey[]> & {
	/** Known keys of their own, for whoever revokes them. */
	revocable: readonly PresentedKey[];
};

export type FixtureSize = {
	known: number;
	carrying: Record<CarryingKind, number>;
	/** As many keys have a wrong checksum, and as many are unknown. */
	refused: number;
	revocable: number;
};

type Carried = Partial<
	Pick<ApiKeyRow, 'terms' | 'not_before' | 'expires_at' | 'owner' | 'tags' | 'metadata'>
>;

const serviceScopes = ['orders.read', 'orders.write', 'customers.*'];

/** What keys carry, by the number of their organisation. */
const carried = {
	/** Five scopes, three networks, a beginning and an end. */
	laden: (index) => ({
		terms: restrictions(index),
		not_before: new Date('2020-01-01T00:00:00Z'),
		expires_at: new Date('2099-01-01T00:00:00Z'),
	}),
	/** Scopes of a service, the same for all. */
	scoped: () => ({terms: {scopes: serviceScopes}}),
	/** The same with three networks, an owner, tags and metadata. */
	described: (index) => ({
		terms: {...restrictions(index), scopes: serviceScopes},
		owner: {type: 'team', id: `team-${index}`},
		tags: ['env:prod', 'region=eu'],
		metadata: {plan: 'gold'},
	}),
	/** One limit, which no bench comes to. */
	limited: () => ({terms: {rate_limits: [limit('burst', 100_000, 60)]}}),
	/** Five scopes, three networks and two limits, which no bench comes to. */
	ladenLimited: (index) => ({
		terms: {
			...restrictions(index),
			rate_limits: [limit('second', 100, 1), limit('hour', 100_000 + index, 3600)],
		},
	}),
	/** Two limits and a quota, all of which Redis remembers for minutes after one use. */
	metered: (index) => ({
		terms: {
			rate_limits: [limit('hour', 10, 3600), limit('day', 100, 86_400)],
			quota: {
				limit: 50_000 + index,
				period: 'month',
				reset_day: 1,
				timezone: 'Europe/Berlin',
				cost: 1,
			},
		},
	}),
} as const satisfies Record<string, (index: number) => Carried>;

export const carryingKinds = Object.keys(carried) as readonly CarryingKind[];

function restrictions(index: number) {
	const scopes = ['read', 'write', 'list', 'export', 'delete'].map(
		(act) => `orders${index}.${act}`,
	);
	return {scopes, ip_allow: ['127.0.0.0/8', `10.${index}.0.0/16`, `2001:db8:${index}::/48`]};
}

/** As a request that names no more is stored. */
function limit(name: string, count: number, seconds: number): RateLimit {
	return {name, limit: count, window_seconds: seconds, burst: count, cost: 1, auto: true};
}

const mostOrganisations = 100;
const rowsPerInsert = 1000;

/**
 * Fills an empty database: keys over up to 100 organisations on the Team plan, each with
 * one source. The keys are real ones, hashed as the product does it; only their rows are written in
 * bulk.
 */
export async function createFixture(database: DatabaseConfig, size: FixtureSize): Promise<Fixture> {
	const count = size.known + size.revocable + sum(Object.values(size.carrying));
	const format = createKeyFormat('hklst_');
	const db = connectBench(database);
	try {
		const homes = await createHomes(db, Math.min(mostOrganisations, count), format);
		const insert = async (wanted: number, carry?: (index: number) => Carried) => {
			const keys: PresentedKey[] = [];
			while (keys.length < wanted) {
				const rows = Math.min(rowsPerInsert, wanted - keys.length);
				keys.push(...(await insertKeys(db, format, homes, rows, carry)));
			}
			return keys;
		};
		const known = await insert(size.known);
		const revocable = await insert(size.revocable);
		const carrying = {} as Record<CarryingKind, readonly PresentedKey[]>;
		for (const kind of carryingKinds) {
			carrying[kind] = await insert(size.carrying[kind], carried[kind]);
		}
		// Now, rather than by autovacuum in the middle of a measurement.
		for (const table of ['organisations', 'sources', 'api_keys']) {
			await db.raw('vacuum (analyze) ??', [table]);
		}
		const refused = known.slice(0, size.refused);
		return {
			known,
			revocable,
			...carrying,
			wrongChecksum: refused.map((key) => ({...key, text: withWrongChecksum(key.text)})),
			unknown: refused.map((key) => ({...key, text: format.generate()})),
		};
	} finally {
		await db.destroy();
	}
}

type Home = {organisationId: string; sourceId: string; asker: string};

async function createHomes(db: Knex, count: number, format: KeyFormat): Promise<readonly Home[]> {
	const homes: Home[] = [];
	for (let i = 0; i < count; i++) {
		const [organisation] = await db('organisations')
			.insert({name: `Organisation ${i}`, plan: 'team'})
			.returning('id');
		if (organisation === undefined) throw new Error('an organisation was not made');
		const {id} = organisation;
		// Sources of one length: every answer has as many bytes.
		const given = {name: 'Orders of the web shop', type: 'webhook'};
		const source = await insertSource(db, bySystem('bench'), id, given, 1);
		const asker = format.generate();
		await db('api_keys').insert(rowOf({id: randomUUID(), organisationId: id, text: asker}, format));
		homes.push({organisationId: id, sourceId: source.id, asker});
	}
	return homes;
}

async function insertKeys(
	db: Knex,
	format: KeyFormat,
	homes: readonly Home[],
	count: number,
	carry?: (index: number) => Carried,
): Promise<PresentedKey[]> {
	const keys = Array.from({length: count}, (_, i) => {
		const index = i % homes.length;
		const home = homes[index];
		if (home === undefined) throw new Error('no organisation to put keys into');
		return {index, key: {...home, id: randomUUID(), text: format.generate()}};
	});
	await db('api_keys').insert(
		keys.map(({index, key}) => ({...rowOf(key, format), ...carry?.(index)})),
	);
	return keys.map(({key}) => key);
}

function rowOf(
	{id, organisationId, text}: {id: string; organisationId: string; text: PlainKey},
	format: KeyFormat,
) {
	return {
		id,
		organisation_id: organisationId,
		name: 'bench',
		hash: hashKey(text),
		hint: format.hint(text),
	};
}

function withWrongChecksum(key: string): string {
	return key.slice(0, -1) + (key.endsWith('0') ? '1' : '0');
}
