import type {Key} from '../../../contract/keys.ts';
import type {KeyUse} from '../../app/model.ts';
import {factsOf} from '../../components/facts.ts';
import type {Part} from '../../components/line.tsx';
import {inUse} from '../../key-use.ts';
import {clean} from '../../text/clean.ts';
import {ago, moment} from '../../text/time.ts';

/** All that is known of a key, as label and value lines no wider than `columns`. */
export function keyFacts(key: Key, now: number, columns: number, use?: KeyUse): Part[][] {
	const {lines, add} = factsOf(columns);
	const when = (timestamp: string) => `${moment(timestamp)}, ${ago(timestamp, now)}`;
	add('Name', clean(key.name), 'strong');
	add('Id', key.id);
	if (key.revoked_at === null) add('Status', 'active', 'good');
	else add('Status', 'x revoked', 'bad');
	const by = (email: string | null | undefined) =>
		email === null || email === undefined ? '' : `, by ${clean(email)}`;
	const from = use?.detail.last_used_address ?? undefined;
	add('Created', when(key.created_at) + by(use?.detail.created_by));
	add(
		'Last used',
		key.last_used_at === null
			? 'never'
			: `${when(key.last_used_at)}${from === undefined ? '' : `, from ${clean(from)}`}`,
	);
	if (key.revoked_at !== null) add('Revoked', when(key.revoked_at) + by(use?.detail.revoked_by));
	if (key.revoked_at === null) {
		add(
			'In use',
			inUse(key, now) ? 'yes: revoking asks for its name' : 'not in the last 30 days',
			'dim',
		);
	}
	return lines;
}
