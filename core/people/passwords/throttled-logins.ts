import type {Knex} from 'knex';
import type {By} from '../../actor.ts';
import {createRefusalRecorder} from '../../audit/trail/refusals.ts';
import type {Log} from '../../log.ts';
import {loginFailed} from './password-attempt.ts';

/** Records logins that were refused unseen, because too many came from one place. */
export function createThrottledLoginRecorder(db: Knex, log: Log) {
	const note = createRefusalRecorder(db, log);

	return async function noteThrottled(by: By, origin: string, email: string): Promise<void> {
		await note(origin, by, loginFailed({email, userId: undefined, reason: 'throttled'}));
	};
}
