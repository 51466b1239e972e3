import type {FullKey} from '../../contract/keys.ts';
import {keyStates, stateOf} from './state.ts';

export const keyColumns = ['created', 'name', 'used', 'status'] as const;
export type KeyColumn = (typeof keyColumns)[number];

export type KeyOrder = {column: KeyColumn; descending: boolean};

/** As the server lists them: newest first. */
export const serverOrder: KeyOrder = {column: 'created', descending: true};

/** How each column is first sorted: dates newest first, words from the top of the alphabet. */
export function defaultOrder(column: KeyColumn): KeyOrder {
	return {column, descending: column === 'created' || column === 'used'};
}

const values: Record<KeyColumn, (key: FullKey, now: number) => string | number> = {
	created: (key) => key.created_at,
	name: (key) => key.name.toLowerCase(),
	used: (key) => key.last_used_at ?? '',
	status: (key, now) => keyStates.indexOf(stateOf(key, now)),
};

/** The order that a list was last sorted in: it is asked for again at each letter of a filter. */
const lastSorted = new WeakMap<
	readonly FullKey[],
	{order: KeyOrder; now: number; sorted: readonly FullKey[]}
>();

/**
 * A sorted copy as of `now` (ms); keys that compare alike stay in the server's order, so that rows
 * do not jump.
 */
export function sortKeys(
	keys: readonly FullKey[],
	order: KeyOrder,
	now: number,
): readonly FullKey[] {
	const {column, descending} = order;
	if (column === serverOrder.column && descending) return keys;
	const last = lastSorted.get(keys);
	const isSame = last?.order.column === column && last.order.descending === descending;
	// States change by themselves as time goes by.
	if (isSame && (column !== 'status' || last.now === now)) return last.sorted;
	const value = values[column];
	const sign = descending ? -1 : 1;
	const sorted = keys
		.map((key) => ({key, value: value(key, now)}))
		.sort((a, b) => (a.value === b.value ? 0 : a.value < b.value ? -sign : sign))
		.map(({key}) => key);
	lastSorted.set(keys, {order, now, sorted});
	return sorted;
}
