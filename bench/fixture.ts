import type {Knex} from 'knex';
import type {DatabaseConfig} from '../core/config/config.ts';
import {connectDatabase} from '../core/db/connect.ts';
import {hashKey, keyFormat, type KeyFormat} from '../core/keys/token.ts';
import {insertOrganisation} from '../core/organisations/store.ts';
import {insertSource} from '../core/sources/store.ts';

/** What a request presents, and a source of the organisation that the key belongs to. */
export type PresentedKey = {text: string; sourceId: string};

/** `unknown` keys are well formed and stored nowhere. */
export type KeyKind = 'known' | 'wrongChecksum' | 'unknown';

export type Fixture = Record<KeyKind, readonly PresentedKey[]>;

const mostOrganisations = 100;
const rowsPerInsert = 1000;

/**
 * Fills an empty database: `count` keys over up to 100 organisations on the Team plan, each with
 * one source. The keys are real ones, hashed as the product does it; only their rows are written
 * in bulk.
 */
export async function createFixture(database: DatabaseConfig, count: number): Promise<Fixture> {
	const format = keyFormat('hklst_');
	const db = connectDatabase(database, 'bench', {
		statementTimeoutMs: 120_000,
		queryTimeoutMs: 121_000,
	});
	try {
		const homes = await createHomes(db, Math.min(mostOrganisations, count));
		const known: PresentedKey[] = [];
		while (known.length < count) {
			const size = Math.min(rowsPerInsert, count - known.length);
			known.push(...(await insertKeys(db, format, homes, size)));
		}
		// Now, rather than by autovacuum in the middle of a measurement.
		for (const table of ['organisations', 'sources', 'api_keys']) {
			await db.raw('vacuum (analyze) ??', [table]);
		}
		return {
			known,
			wrongChecksum: known.map(({text, ...rest}) => ({...rest, text: withWrongChecksum(text)})),
			unknown: known.map((key) => ({...key, text: format.generate()})),
		};
	} finally {
		await db.destroy();
	}
}

type Home = {organisationId: string; sourceId: string};

async function createHomes(db: Knex, count: number): Promise<readonly Home[]> {
	const homes: Home[] = [];
	for (let i = 0; i < count; i++) {
		const {id} = await insertOrganisation(db, {name: `Organisation ${i}`, plan: 'team'});
		// Sources of one length: every answer has as many bytes.
		const source = await insertSource(db, id, {name: 'Orders of the web shop', type: 'webhook'});
		homes.push({organisationId: id, sourceId: source.id});
	}
	return homes;
}

async function insertKeys(
	db: Knex,
	format: KeyFormat,
	homes: readonly Home[],
	count: number,
): Promise<PresentedKey[]> {
	const keys = Array.from({length: count}, (_, i) => {
		const home = homes[i % homes.length];
		if (home === undefined) throw new Error('no organisation to put keys into');
		return {...home, key: format.generate()};
	});
	await db('api_keys').insert(
		keys.map(({organisationId, key}) => ({
			organisation_id: organisationId,
			name: 'bench',
			hash: hashKey(key),
			hint: format.hint(key),
		})),
	);
	return keys.map(({key, sourceId}) => ({text: key, sourceId}));
}

function withWrongChecksum(key: string): string {
	return key.slice(0, -1) + (key.endsWith('0') ? '1' : '0');
}
