import type {KeyClient, UsageSeries} from '../../contract/usage.ts';

/* What series by address, key or owner say of each group, as rows. */

type Group = {
	readonly accepted: number;
	readonly refused: number;
	/** Of all that was accepted; undefined: nothing was. */
	readonly share: number | undefined;
	/** Accepted or not, step by step. */
	readonly trend: readonly number[];
};

/** A group by itself; `id` is empty for all others together. */
export type GroupRow = Group & {
	readonly id: string;
	/** An owner, an address; null: none. Of all others together, too. */
	readonly group: string | null;
	/** Of a key. */
	readonly name: string | null;
};

/** Those counted most first, then what is told together. */
export function groupRows({series, other}: UsageSeries): GroupRow[] {
	const accepted = [...series, ...(other === null ? [] : [other])].reduce(
		(sum, {total, refused}) => sum + total - refused,
		0,
	);
	const groupOf = (of: NonNullable<UsageSeries['other']>): Group => ({
		accepted: of.total - of.refused,
		refused: of.refused,
		share: accepted === 0 ? undefined : (of.total - of.refused) / accepted,
		trend: of.points.map(([, count]) => count),
	});
	const own = series.map((each): GroupRow => ({
		...groupOf(each),
		// No group has an id that a group with a name could have.
		id: each.group ?? noGroup,
		group: each.group,
		name: each.name,
	}));
	if (other === null || other.total === 0) return own;
	return [...own, {...groupOf(other), id: '', group: null, name: null}];
}

const noGroup = ' ';

export function isRest({id}: Pick<GroupRow, 'id'>): boolean {
	return id === '';
}

export type AddressRow = GroupRow & {
	/** When it was seen first and last, and the programs seen there, the last one first. */
	readonly first: string | undefined;
	readonly last: string | undefined;
	readonly agents: readonly string[];
};

/** From where a key was used, with what is known of those clients. */
export function addressRows(read: UsageSeries, clients: readonly KeyClient[]): AddressRow[] {
	return groupRows(read).map((row) => {
		const known = isRest(row) ? [] : clients.filter(({address}) => address === row.group);
		return {
			...row,
			first: known.map(({first_seen_at: at}) => at).toSorted()[0],
			last: known
				.map(({last_seen_at: at}) => at)
				.toSorted()
				.at(-1),
			agents: known.flatMap(({user_agent: agent}) => agent ?? []),
		};
	});
}

/** Whether nothing was accepted from there, and something was refused. */
export function isOnlyRefused({accepted, refused}: Group): boolean {
	return accepted === 0 && refused > 0;
}

/** The same in no more than so many values. */
export function squeezed(values: readonly number[], most: number): number[] {
	const each = Math.max(1, Math.ceil(values.length / most));
	return Array.from({length: Math.ceil(values.length / each)}, (_, at) =>
		values.slice(at * each, (at + 1) * each).reduce((sum, value) => sum + value, 0),
	);
}
