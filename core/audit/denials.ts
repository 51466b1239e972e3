import type {Knex} from 'knex';
import type {Log} from '../log.ts';
import type {By} from './actor.ts';
import {record} from './record.ts';

/** One entry for a caller and what they were denied, at most this often. */
const windowMs = 60_000;
/** Most pairs remembered; beyond it the oldest is forgotten. */
const mostRemembered = 10_000;

export type Denial = {
	/** Name of the endpoint. */
	route: string;
	code: string;
	organisationId: string | undefined;
};

/**
 * Records denied authorizations. Nobody can fill the trail, or hold its lock, by asking again and
 * again: repeats within a minute are counted, and the count goes with the next entry.
 */
export function denials(db: Knex, log: Log) {
	const noted = new Map<string, {until: number; repeats: number}>();

	/** Never fails: what was denied stays denied, and a trail out of reach is logged. */
	return async function note(by: By, denial: Denial): Promise<void> {
		const {actor} = by;
		const key = `${actor.type}:${'id' in actor ? actor.id : ''}:${denial.route}:${denial.code}`;
		const before = noted.get(key);
		const now = performance.now();
		if (before !== undefined && now < before.until) {
			before.repeats++;
			return;
		}
		noted.delete(key);
		if (noted.size >= mostRemembered) {
			const [oldest] = noted.keys();
			if (oldest !== undefined) noted.delete(oldest);
		}
		noted.set(key, {until: now + windowMs, repeats: 0});
		try {
			await db.transaction((transaction) =>
				record(transaction, by, {
					action: 'authorization.denied',
					outcome: 'refused',
					organisationId: denial.organisationId,
					target: {type: 'route', name: denial.route},
					details: {code: denial.code, repeats: before?.repeats},
				}),
			);
		} catch (error) {
			log.error({error, route: denial.route}, 'a denied authorization could not be recorded');
		}
	};
}
