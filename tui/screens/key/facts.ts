import type {FullKey} from '../../../contract/keys.ts';
import type {KeyUse} from '../../app/model.ts';
import {factsOf} from '../../components/facts.ts';
import type {Part} from '../../components/line.tsx';
import {inUse} from '../../key-use.ts';
import {clean} from '../../text/clean.ts';
import {ago, moment, until} from '../../text/time.ts';
import {keyStatus} from './status.ts';

/** All that is known of a key, as label and value lines no wider than `columns`. */
export function keyFacts(key: FullKey, now: number, columns: number, use?: KeyUse): Part[][] {
	const {name, id, hint, created_at, last_used_at, expires_at, revoked_at} = key;
	const [status, role = 'plain'] = keyStatus(key, now);
	const when = (timestamp: string) => `${moment(timestamp)}, ${ago(timestamp, now)}`;
	const by = (email: string | null | undefined) =>
		email === null || email === undefined ? '' : `, by ${clean(email)}`;
	const address = use?.detail.last_used_address ?? undefined;
	const from = address === undefined ? '' : `, from ${clean(address)}`;
	const {lines, add} = factsOf(columns);
	add('Name', clean(name), 'strong');
	add('Id', id);
	add('Prefix', hintText(hint));
	add('Status', status, role);
	add('Created', when(created_at) + by(use?.detail.created_by));
	add('Last used', last_used_at === null ? 'never' : when(last_used_at) + from);
	add(
		'Expires',
		expires_at === null ? 'never' : `${moment(expires_at)}, ${until(expires_at, now)}`,
	);
	if (revoked_at !== null) add('Revoked', when(revoked_at) + by(use?.detail.revoked_by));
	else {
		const used = inUse(key, now);
		add('In use', used ? 'yes: revoking asks for its name' : 'not in the last 30 days', 'dim');
	}
	return lines;
}

/** The beginning of a key, which tells it from others but not what it is. */
export function hintText(hint: string): string {
	return hint === '' ? '' : `${clean(hint)}…`;
}
