import type {FullKey} from '../../../../contract/keys.ts';
import {changeOf, type Effect} from '../../../app/effect.ts';
import {clean} from '../../../text/clean.ts';

/** A suspension, as an effect. */
export function suspendKey(key: FullKey, org_id: string, reason?: string): Effect {
	const body = reason === undefined ? {} : {reason};
	return changeOf(
		'suspendKey',
		{org_id, key_id: key.id, body},
		{
			done: `Suspended ${clean(key.name)}: refused`,
			tellsWhere: true,
			undo: 'd or u resumes it',
			reload: 'keys',
			missing: 'This key is gone',
		},
	);
}
