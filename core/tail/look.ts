import * as z from 'zod';
import {
	keyDecision,
	mostDecisions,
	type KeyDecision,
	type KeyDecisions,
} from '../../contract/decisions.ts';
import type {RedisClient} from '../redis/connect.ts';
import type {RedisNames} from '../redis/names.ts';
import type {Watch} from './watch.ts';
import {lookAt, type WatchPlace} from './watch-store.ts';

/**
 * What was decided since somebody looked last; the watch goes on for some seconds.
 *
 * @param after what was answered then; undefined: from now on
 * @returns undefined where as many watches are open as may be
 * @throws when Redis cannot be asked
 */
export async function readDecisions(
	store: {redis: RedisClient; names: RedisNames},
	watch: Watch,
	after: string | undefined,
): Promise<KeyDecisions | undefined> {
	const before = after === undefined ? undefined : placeIn(after);
	const looked = await lookAt(store, watch, before);
	if (looked === undefined) return undefined;
	const {place, batches} = looked;
	const told = batches
		.flatMap(decisionsIn)
		.toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
		.slice(-mostDecisions);
	const seen = Math.max(told.length, seenSince(place, before));
	return {decisions: told, seen, left_out: seen - told.length, after: textOf(place)};
}

/** Of another watch of the same name nothing was read before; whoever begins has missed nothing. */
function seenSince(place: WatchPlace, before: WatchPlace | undefined): number {
	if (before === undefined) return 0;
	return place.since === before.since ? place.seen - before.seen : place.seen;
}

/** A newer server may tell more of a decision, or what this one does not know: that is left out. */
const shown = z.array(z.unknown());
const known = z.object(keyDecision.shape);

function decisionsIn(batch: string): KeyDecision[] {
	return shown.parse(JSON.parse(batch)).flatMap((each) => known.safeParse(each).data ?? []);
}

function textOf({since, seen, batch}: WatchPlace): string {
	return `${since}-${seen}-${batch}`;
}

function placeIn(text: string): WatchPlace {
	const [since, seen, ...batch] = text.split('-');
	return {since: Number(since), seen: Number(seen), batch: batch.join('-')};
}
