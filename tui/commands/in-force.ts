import {revocationText} from '../api-keys/revocation.ts';
import type {Context} from './command.ts';

type Answered = Awaited<ReturnType<Context['client']['call']>>;

/** On how many servers a change of a key is in force, as far as the answer tells. */
export function inForce({headers}: Pick<Answered, 'headers'>): string {
	const header = headers['latchkey-revocation'];
	return (typeof header === 'string' ? revocationText(header) : undefined) ?? 'from now on';
}
