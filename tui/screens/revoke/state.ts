import type {Key} from '../../../contract/keys.ts';
import type {ConfirmScreen} from '../../app/model.ts';
import {confirmation, inUse} from '../../key-use.ts';
import {clean} from '../../text/clean.ts';
import {ago, moment} from '../../text/time.ts';
import {newConfirmScreen} from '../confirm/state.ts';

/** Says what revoking a key will break; a key in use asks for its name. */
export function newRevokeScreen(key: Key, organisation: string, now: number): ConfirmScreen {
	const used =
		key.last_used_at === null
			? 'It was never used.'
			: `Last used ${ago(key.last_used_at, now)} (${moment(key.last_used_at)}).`;
	const word = inUse(key, now) ? confirmation(key) : undefined;
	return newConfirmScreen(
		{
			title: 'revoke',
			question: `Revoke ${clean(key.name)}?`,
			facts: [
				[`id ${key.id}`, 'dim'],
				['', 'plain'],
				[used, word === undefined ? 'plain' : 'warning'],
				['Whoever calls with it gets 401 at once. A revoked key cannot be brought back.', 'plain'],
			],
			verb: 'Revoke',
			busyText: 'Revoking …',
			...(word === undefined ? {} : {word, ask: 'It is in use. To revoke it, type'}),
			...(word === undefined || word === key.name ? {} : {wordIs: 'the end of its id'}),
		},
		{do: 'revokeKey', organisation, key},
		now,
	);
}
