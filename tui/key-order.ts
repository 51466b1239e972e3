import type {Key} from '../contract/keys.ts';

export const keyColumns = ['created', 'name', 'used', 'status'] as const;
export type KeyColumn = (typeof keyColumns)[number];

export type KeyOrder = {column: KeyColumn; descending: boolean};

/** As the server lists them: newest first. */
export const serverOrder: KeyOrder = {column: 'created', descending: true};

/** How each column is first sorted: dates newest first, words from the top of the alphabet. */
export function defaultOrder(column: KeyColumn): KeyOrder {
	return {column, descending: column === 'created' || column === 'used'};
}

const values: Record<KeyColumn, (key: Key) => string> = {
	created: (key) => key.created_at,
	name: (key) => key.name.toLowerCase(),
	used: (key) => key.last_used_at ?? '',
	status: (key) => (key.revoked_at === null ? 'active' : 'revoked'),
};

/** The order that a list was last sorted in: it is asked for again at each letter of a filter. */
const lastSorted = new WeakMap<readonly Key[], {order: KeyOrder; sorted: readonly Key[]}>();

/** A sorted copy; keys that compare alike stay in the server's order, so that rows do not jump. */
export function sortKeys<K extends Key>(keys: readonly K[], order: KeyOrder): readonly K[] {
	const {column, descending} = order;
	if (column === serverOrder.column && descending) return keys;
	const last = lastSorted.get(keys);
	if (last?.order.column === column && last.order.descending === descending) {
		// What was sorted are these very keys.
		return last.sorted as readonly K[];
	}
	const value = values[column];
	const sign = descending ? -1 : 1;
	const sorted = keys
		.map((key) => ({key, value: value(key)}))
		.sort((a, b) => (a.value === b.value ? 0 : a.value < b.value ? -sign : sign))
		.map(({key}) => key);
	lastSorted.set(keys, {order, sorted});
	return sorted;
}
