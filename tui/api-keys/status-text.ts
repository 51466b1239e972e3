import type {FullKey, KeyDetail} from '../../contract/keys.ts';
import {clean} from '../text/clean.ts';
import {ago, moment, until} from '../text/time.ts';
import {makersOf} from './makers.ts';
import {reasonText} from './reasons.ts';
import {stateOf} from './state.ts';

/** Whether a key works, since or until when, and why not: as much as is known of it. */
export function statusText(key: FullKey, now: number, detail?: KeyDetail): string {
	const at = (timestamp: string | null) => moment(timestamp ?? '');
	const state = stateOf(key, now);
	switch (state) {
		case 'active':
			return 'active';
		case 'expiring':
			return `active, ends ${until(key.expires_at, now)}`;
		case 'expired':
			return `expired ${ago(key.expires_at, now)}`;
		case 'scheduled':
			return `scheduled, begins ${until(key.not_before, now)}`;
		case 'rotating':
			return `rotating, goes on until ${at(key.grace_until)}`;
		case 'rotated':
			return `rotated: its successor took over ${ago(key.grace_until, now)}`;
		case 'suspended':
			return `suspended ${at(key.suspended_at)}${said(detail?.suspended_reason)}`;
		case 'revoked': {
			const by = detail === undefined ? '' : makersOf(detail).revoked;
			const why = reasonText(key.revocation_reason);
			return `revoked ${at(key.revoked_at)}${by}${why}${said(detail?.revocation_note)}`;
		}
	}
}

function said(text: string | null | undefined): string {
	return typeof text === 'string' ? `: ${clean(text)}` : '';
}
