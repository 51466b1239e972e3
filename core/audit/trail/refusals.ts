import type {Knex} from 'knex';
import type {Log} from '../../log.ts';
import type {By} from '../../actor.ts';
import {record, type AuditEvent} from './record.ts';
import {createRepeatFilter} from './repeats.ts';

/** One entry for each key, at most this often. */
const windowMs = 60_000;

/** Records refusals that a caller could bring about without end; repeats within a minute are counted. */
export function createRefusalRecorder(db: Knex, log: Log) {
	const tell = createRepeatFilter({windowMs});

	/**
	 * Never fails: what was refused stays refused, and a trail out of reach is logged.
	 *
	 * @param key what counts as the same refusal
	 * @returns whether it was not one of the repeats
	 */
	return async function note(key: string, by: By, refusal: AuditEvent): Promise<boolean> {
		const told = tell(key);
		if (told === undefined) return false;
		const details = {...refusal.details, repeats: told.repeats};
		const event: AuditEvent = {...refusal, outcome: 'refused', details};
		try {
			await db.transaction((transaction) => record(transaction, by, event));
		} catch (error) {
			const {action, target} = refusal;
			log.error({error, action, target: target.name}, 'a refusal could not be recorded');
		}
		return true;
	};
}
