import type {FullKey} from '../../../../contract/keys.ts';
import type {Model} from '../../../app/model.ts';
import type {Part} from '../../../components/line.tsx';
import {clean} from '../../../text/clean.ts';
import {ago, minute} from '../../../text/time.ts';
import type {KeyScreen} from '../key/screen.ts';
import {pairOf} from './rotation.ts';
import {stillUsedLines} from './still-used.ts';

const recent = 3_600_000;

/** Both keys of a rotation under way, side by side: which they are, whether they are used, until when. */
export function rotationLines(
	key: FullKey,
	model: Model,
	columns: number,
	oldClients?: KeyScreen['oldClients'],
): Part[][] {
	const pair = pairOf(model, key);
	if (pair === undefined) return [];
	const {now} = model;
	const row = (label: string, which: string, one: FullKey | undefined): Part[] => [
		[label.padEnd(12), 'dim'],
		[`${which} `, one?.id === key.id ? 'strong' : 'plain'],
		[`${one === undefined ? '?' : `${clean(one.hint)}…`}`.padEnd(15)],
		...lastUseOf(one, which === 'old', now),
	];
	const [first, second] = [row('Rotation', 'old', pair.old), row('', 'new', pair.next)];
	const deadline = pair.old?.grace_until ?? null;
	const ends: Part = [deadline === null ? '' : `until ${minute(deadline)}`];
	const way: Part = ['t finishes or cancels', 'dim'];
	const rows =
		columns >= besideFrom
			? [
					[...first, ends],
					[...second, way],
				]
			: [first, ...below(ends), second, ...below(way)];
	return [...rows, ...stillUsedLines(pair, oldClients, now)];
}

/** From this width on there is room behind a key for what is to be said of it. */
const besideFrom = 78;

function below(part: Part): Part[][] {
	return part[0] === '' ? [] : [[[' '.repeat(16)], part]];
}

/** An old key that is still used is what whoever rotates looks out for. */
function lastUseOf(key: FullKey | undefined, isOld: boolean, now: number): Part[] {
	const used = key?.last_used_at ?? null;
	if (used === null) return [['never used'.padEnd(24), 'dim']];
	const isRecent = now - Date.parse(used) < recent;
	const text = isOld && isRecent ? `! still used ${ago(used, now)}` : `used ${ago(used, now)}`;
	return [[text.padEnd(24), isOld && isRecent ? 'warning' : 'plain']];
}
