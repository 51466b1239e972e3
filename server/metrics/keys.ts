import type {Knex} from 'knex';
import type {Registry} from 'prom-client';
import {readKeyFigures, type KeyFigures} from '../../core/keys/figures.ts';
import {measureAnswer, single} from './answers.ts';

const counts = (counted: string) => (found: KeyFigures | undefined) =>
	(found?.counts ?? [])
		.filter(({name}) => name === counted)
		.map(({label, count}) => ({label, value: count}));

/** How many keys there are, as a worker has counted them within the last minute. */
export function measureKeys(registry: Registry, db: Knex): void {
	measureAnswer(registry, () => readKeyFigures(db), [
		{
			name: 'latchkey_keys',
			help: 'API keys of all organisations, by status.',
			label: 'status',
			values: counts('keys'),
		},
		{
			name: 'latchkey_keys_expiring',
			help: 'Active keys that end within 1, 7 or 30 days; each is counted in all that it is within.',
			label: 'within',
			values: counts('expiring'),
		},
		{
			name: 'latchkey_keys_idle',
			help: 'Active keys that were made, and last used, 30 or 90 days ago or earlier.',
			label: 'days',
			values: counts('idle'),
		},
		{
			name: 'latchkey_keys_never_used',
			help: 'Active keys older than 7 days of which no use is known.',
			values: counts('never_used'),
		},
		single(
			'latchkey_keys_counted_age_seconds',
			'Time since a worker counted the keys; it does so once a minute.',
			(found) => found?.ageSeconds,
		),
	]);
}
