import type {Part} from '../../../components/line.tsx';
import {clean} from '../../../text/clean.ts';
import {briefCount} from '../../../text/count.ts';
import {gauge, percent} from '../../../text/gauge.ts';
import {sparseLine} from '../../../text/sparkline.ts';
import {fit} from '../../../text/width.ts';
import type {Glyphs} from '../../../glyphs.ts';
import {groupRows, isRest, squeezed} from '../../../usage/groups.ts';
import {causesOf} from '../../../usage/layers.ts';
import type {OverviewRead} from '../../../usage/reads.ts';

const countWidth = 8;

/** Why keys were refused, and which owners use most, in so many lines of so many columns. */
export function besideLines(
	{byOutcome, byOwner}: OverviewRead,
	glyphs: Pick<Glyphs, 'bars' | 'ellipsis'>,
	columns: number,
	rows: number,
): Part[][] {
	const causes = causesOf(byOutcome);
	const owners = groupRows(byOwner);
	// Where both cannot be whole, causes have the half, and what owners leave over.
	const half = Math.max(2, Math.floor((rows - 3) / 2));
	const forCauses = Math.max(half, rows - 3 - owners.length);
	const shown = causes.slice(0, forCauses);
	const room = rows - 3 - Math.max(1, shown.length);
	const nameWidth = 14;
	const drawWidth = Math.max(0, columns - nameWidth - countWidth - 4);
	const row = (name: string, count: number, drawn: Part, role: Part[1]): Part[] => [
		[`${fit(clean(name), nameWidth, glyphs.ellipsis)} `, role],
		[`${briefCount(count).padStart(countWidth)}  `],
		drawn,
	];
	return [
		[['REFUSED, BY CAUSE', 'title']],
		...(shown.length === 0 ? [[['nothing was refused', 'dim']] satisfies Part[]] : []),
		...shown.map(({label, total, points, layer}) => {
			const counts = points.map(([, count]) => count);
			const line = sparseLine(squeezed(counts, drawWidth), glyphs.bars);
			const role = layer === 'limited' ? 'warning' : 'bad';
			return row(label, total, [line, role], role);
		}),
		[],
		[['TOP OWNERS', 'title']],
		...owners.slice(0, Math.max(0, room)).map((owner) => {
			const name = isRest(owner) ? 'others' : (owner.group ?? 'no owner');
			const {share, accepted} = owner;
			const bar =
				share === undefined
					? ''
					: `${gauge(share, 1, Math.max(1, drawWidth - 5), glyphs.bars)} ${percent(share, 1).padStart(4)}`;
			return row(name, accepted, [bar, 'plain'], owner.group === null ? 'dim' : 'plain');
		}),
	];
}
