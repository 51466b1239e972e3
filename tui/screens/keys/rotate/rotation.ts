import type {FullKey} from '../../../../contract/keys.ts';
import {isOver} from '../../../api-keys/state.ts';
import type {Model} from '../../../app/model.ts';

/** Two keys of which one takes over from the other; undefined: it is not in the list. */
export type Pair = {readonly old: FullKey | undefined; readonly next: FullKey | undefined};

/** The rotation under way that a key has a part in. */
export function pairOf({keys, now}: Pick<Model, 'keys' | 'now'>, key: FullKey): Pair | undefined {
	const find = (id: string | null) => keys.items.find((each) => each.id === id);
	if (isInGrace(key, now)) return {old: key, next: find(key.replaced_by_id)};
	const old = find(key.replaces_id);
	if (old === undefined || old.replaced_by_id !== key.id) return undefined;
	return isInGrace(old, now) ? {old, next: key} : undefined;
}

/** Whether a key was rotated and may still be used, unless something else is against it. */
function isInGrace(key: FullKey, now: number): boolean {
	return !isOver(key, now) && key.grace_until !== null;
}
