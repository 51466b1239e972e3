import {randomUUID} from 'node:crypto';
import type {Knex} from 'knex';
import type {DatabaseConfig} from '../core/config/config.ts';
import {hashKey, createKeyFormat, type KeyFormat} from '../core/keys/token.ts';
import {bySystem} from '../core/actor.ts';
import {insertSource} from '../core/sources/store.ts';
import {connectBench} from './statements.ts';

/** What a request presents, and a source of the organisation that the key belongs to. */
export type PresentedKey = {text: string; id: string; organisationId: string; sourceId: string};

/** `laden` keys carry all that a use is held against; `unknown` ones are well formed and stored nowhere. */
export type KeyKind = 'known' | 'laden' | 'wrongChecksum' | 'unknown';

export type Fixture = Record<KeyKind, readonly PresentedKey[]> & {
	/** Known keys of their own, for whoever revokes them. */
	revocable: readonly PresentedKey[];
};

export type FixtureSize = {
	known: number;
	laden: number;
	/** As many keys have a wrong checksum, and as many are unknown. */
	refused: number;
	revocable: number;
};

const mostOrganisations = 100;
const rowsPerInsert = 1000;

/**
 * Fills an empty database: keys over up to 100 organisations on the Team plan, each with
 * one source. The keys are real ones, hashed as the product does it; only their rows are written in
 * bulk.
 */
export async function createFixture(database: DatabaseConfig, size: FixtureSize): Promise<Fixture> {
	const plain = size.known + size.revocable;
	const count = plain + size.laden;
	const format = createKeyFormat('hklst_');
	const db = connectBench(database);
	try {
		const homes = await createHomes(db, Math.min(mostOrganisations, count));
		const keys: PresentedKey[] = [];
		while (keys.length < count) {
			const rows = Math.min(rowsPerInsert, count - keys.length);
			// Not of both kinds in one statement.
			const isPlain = keys.length < plain;
			const most = isPlain ? Math.min(rows, plain - keys.length) : rows;
			keys.push(...(await insertKeys(db, format, homes, most, !isPlain)));
		}
		// Now, rather than by autovacuum in the middle of a measurement.
		for (const table of ['organisations', 'sources', 'api_keys']) {
			await db.raw('vacuum (analyze) ??', [table]);
		}
		const known = keys.slice(0, size.known);
		const refused = known.slice(0, size.refused);
		return {
			known,
			wrongChecksum: refused.map((key) => ({...key, text: withWrongChecksum(key.text)})),
			unknown: refused.map((key) => ({...key, text: format.generate()})),
			revocable: keys.slice(size.known, plain),
			laden: keys.slice(plain),
		};
	} finally {
		await db.destroy();
	}
}

type Home = {organisationId: string; sourceId: string};

async function createHomes(db: Knex, count: number): Promise<readonly Home[]> {
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
		homes.push({organisationId: id, sourceId: source.id});
	}
	return homes;
}

async function insertKeys(
	db: Knex,
	format: KeyFormat,
	homes: readonly Home[],
	count: number,
	isLaden: boolean,
): Promise<PresentedKey[]> {
	const keys = Array.from({length: count}, (_, i) => {
		const home = homes[i % homes.length];
		if (home === undefined) throw new Error('no organisation to put keys into');
		return {...home, id: randomUUID(), text: format.generate()};
	});
	await db('api_keys').insert(
		keys.map(({id, organisationId, text}) => ({
			id,
			organisation_id: organisationId,
			name: 'bench',
			hash: hashKey(text),
			hint: format.hint(text),
			...(isLaden && load(homes.findIndex((home) => home.organisationId === organisationId))),
		})),
	);
	return keys;
}

/** What the keys of an organisation carry: five scopes, three networks, a beginning and an end. */
function load(index: number) {
	const scopes = ['read', 'write', 'list', 'export', 'delete'].map(
		(act) => `orders${index}.${act}`,
	);
	return {
		terms: {scopes, ip_allow: ['127.0.0.0/8', `10.${index}.0.0/16`, `2001:db8:${index}::/48`]},
		not_before: new Date('2020-01-01T00:00:00Z'),
		expires_at: new Date('2099-01-01T00:00:00Z'),
	};
}

function withWrongChecksum(key: string): string {
	return key.slice(0, -1) + (key.endsWith('0') ? '1' : '0');
}
