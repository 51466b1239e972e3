import type {Knex} from 'knex';
import type {By} from '../audit/actor.ts';
import {record} from '../audit/record.ts';
import {repeats} from '../audit/repeats.ts';
import type {Log} from '../log.ts';
import type {Grant} from './grant.ts';

/** One entry for a service account and address, at most this often. */
const windowMs = 60_000;

/** Records refused credentials of service accounts; repeats within a minute are counted. */
export function grantRefusals(db: Knex, log: Log) {
	const tell = repeats({windowMs});

	/** Never fails: what was refused stays refused, and a trail out of reach is logged. */
	return async function note(by: By, refused: Grant & {kind: 'refused'}): Promise<void> {
		const {reason, account} = refused;
		const told = tell(`${account?.id ?? ''}:${reason}:${by.address ?? ''}`);
		if (told === undefined) return;
		try {
			await db.transaction((transaction) =>
				record(transaction, by, {
					action: 'token.refused',
					outcome: 'refused',
					organisationId: account?.organisationId,
					target: {type: 'service_account', id: account?.id, name: account?.name},
					details: {reason, repeats: told.repeats},
				}),
			);
		} catch (error) {
			log.error({error}, 'a refused service account could not be recorded');
		}
	};
}
