import type * as z from 'zod';
import type {KeyDetail, updateKeyRequest} from '../../../../contract/keys.ts';
import {losesRestriction, whyUnrestricted} from '../../../api-keys/unrestricted.ts';
import {clean} from '../../../text/clean.ts';
import {plainWord, type Question} from '../../kinds/confirm/screen.ts';

/** Asked before a change that leaves nothing that restricts a key. */
export function unrestricting(
	key: KeyDetail,
	changes: z.input<typeof updateKeyRequest>,
	busyText: string,
): Question | undefined {
	if (!losesRestriction(key, changes)) return undefined;
	return {
		name: 'unrestrict',
		kept: 'nothing was changed',
		word: plainWord,
		title: 'for everything',
		question: `Let ${clean(key.name)} be used for everything?`,
		facts: [
			[whyUnrestricted(key), 'plain'],
			['Nothing would then restrict what it may be used for.', 'warning'],
			['For a key that may do nothing, write none as its scopes.', 'dim'],
		],
		verb: 'Allow everything',
		busyText,
	};
}
