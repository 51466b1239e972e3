import type {Knex} from 'knex';
import type {Log} from '../../log.ts';
import type {By} from '../../actor.ts';
import {createRefusalRecorder} from './refusals.ts';

export type Denial = {
	/** Name of the endpoint. */
	route: string;
	code: string;
	organisationId: string | undefined;
	/** The organisation that was asked for, where the caller has no business in it. */
	deniedOrganisationId?: string | undefined;
};

/** Records denied authorizations. */
export function createDenialRecorder(db: Knex, log: Log) {
	const note = createRefusalRecorder(db, log);

	return async function noteDenial(by: By, denial: Denial): Promise<void> {
		const {actor} = by;
		const {route, code, organisationId, deniedOrganisationId} = denial;
		await note(`${actor.type}:${'id' in actor ? actor.id : ''}:${route}:${code}`, by, {
			action: 'authorization.denied',
			organisationId,
			target: {type: 'route', name: route},
			details: {code, organization_id: deniedOrganisationId},
		});
	};
}
