import type {FullKey} from '../../contract/keys.ts';
import type {SortValue} from '../components/table/columns.ts';
import {sortRows, sortTime} from '../components/table/order.ts';
import {keyStates, stateOf} from './state.ts';

/** What keys can be sorted by, in the console and in commands; dates have the newest first. */
export const keyColumns = ['created', 'name', 'used', 'status', 'expires'] as const;
type KeyColumn = (typeof keyColumns)[number];

export const keyValues: Readonly<Record<KeyColumn, (key: FullKey, now: number) => SortValue>> = {
	created: ({created_at}) => sortTime(created_at),
	name: ({name}) => name,
	used: ({last_used_at}) => sortTime(last_used_at),
	status: (key, now) => keyStates.indexOf(stateOf(key, now)),
	expires: ({expires_at}) => sortTime(expires_at),
};

/** Keys that the server gave newest first, sorted by another column as it is first sorted. */
export function sortKeys(keys: readonly FullKey[], by: string | undefined, now: number) {
	const column = keyColumns.find((each) => each === by) ?? 'created';
	if (column === 'created') return keys;
	return sortRows(keys, (key) => keyValues[column](key, now), column === 'used');
}
