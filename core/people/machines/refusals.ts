import type {Knex} from 'knex';
import type {By} from '../../actor.ts';
import {createRefusalRecorder} from '../../audit/trail/refusals.ts';
import type {Log} from '../../log.ts';
import type {Grant} from './grant.ts';

/** Records refused credentials of service accounts. */
export function createGrantRefusalRecorder(db: Knex, log: Log) {
	const note = createRefusalRecorder(db, log);

	return async function noteRefusal(by: By, refused: Grant & {kind: 'refused'}): Promise<void> {
		const {reason, account} = refused;
		await note(`${account?.id ?? ''}:${reason}:${by.address ?? ''}`, by, {
			action: 'token.refused',
			organisationId: account?.organisationId,
			target: {type: 'service_account', id: account?.id, name: account?.name},
			details: {reason},
		});
	};
}
