import {Failure} from '../failure.ts';

/** What is refused where LATCHKEY_READONLY is set. */
export function readOnly(): Failure {
	return new Failure('usage', 'LATCHKEY_READONLY is set: nothing is changed from here');
}
