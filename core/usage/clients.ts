import type {Knex} from 'knex';
import {mostClients, type KeyClient} from '../../contract/usage.ts';
import {toTimestamp} from '../../contract/text.ts';

type ClientRow = {
	address: string;
	user_agent: string;
	first_seen_at: Date;
	last_seen_at: Date;
	count: number;
	refused: number;
};

/** From where a key was used, and by which programs, seen last first; no more than are kept. */
export async function readClients(db: Knex, keyId: string): Promise<KeyClient[]> {
	const {rows} = await db.raw<{rows: ClientRow[]}>(
		`select address, user_agent, first_seen_at, last_seen_at, count::float8 as count, refused::float8 as refused
		from key_clients where key_id = :keyId
		order by last_seen_at desc, count desc, address, user_agent limit :most`,
		{keyId, most: mostClients},
	);
	return rows.map((row) => ({
		address: row.address || null,
		user_agent: row.user_agent || null,
		first_seen_at: toTimestamp(row.first_seen_at),
		last_seen_at: toTimestamp(row.last_seen_at),
		count: row.count,
		refused: row.refused,
	}));
}
