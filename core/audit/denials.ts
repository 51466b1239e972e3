import type {Knex} from 'knex';
import type {Log} from '../log.ts';
import type {By} from './actor.ts';
import {record} from './record.ts';
import {repeats} from './repeats.ts';

/** One entry for a caller and what they were denied, at most this often. */
const windowMs = 60_000;

export type Denial = {
	/** Name of the endpoint. */
	route: string;
	code: string;
	organisationId: string | undefined;
};

/** Records denied authorizations; repeats within a minute are counted. */
export function denials(db: Knex, log: Log) {
	const tell = repeats({windowMs});

	/** Never fails: what was denied stays denied, and a trail out of reach is logged. */
	return async function note(by: By, denial: Denial): Promise<void> {
		const {actor} = by;
		const told = tell(
			`${actor.type}:${'id' in actor ? actor.id : ''}:${denial.route}:${denial.code}`,
		);
		if (told === undefined) return;
		try {
			await db.transaction((transaction) =>
				record(transaction, by, {
					action: 'authorization.denied',
					outcome: 'refused',
					organisationId: denial.organisationId,
					target: {type: 'route', name: denial.route},
					details: {code: denial.code, repeats: told.repeats},
				}),
			);
		} catch (error) {
			log.error({error, route: denial.route}, 'a denied authorization could not be recorded');
		}
	};
}
