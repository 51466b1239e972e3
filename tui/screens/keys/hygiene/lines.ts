import {watchedDays} from '../../../../contract/key-hygiene.ts';
import type {Part} from '../../../components/line.tsx';
import {writeCount} from '../../../text/count.ts';
import {percent} from '../../../text/gauge.ts';
import {plural} from '../../../text/plural.ts';
import {date, day} from '../../../text/time.ts';
import {wrap} from '../../../text/width.ts';
import type {FindingCount} from './list.ts';

/** All about one finding, as lines no wider than `width`: what it is, of how many keys, and how to fix it. */
export function findingLines(row: FindingCount, now: number, width: number): Part[][] {
	const {id, title, tells, mends, count, watchedSince} = row;
	const text = (words: string, ...role: ['dim' | 'warning'] | []) =>
		wrap(words, Math.min(width, 100)).map((line): Part[] => [[line, ...role]]);
	const isWatched = watchedSince === undefined || watchedUntil(watchedSince) <= now;
	return [
		[],
		[[title, 'strong'], [`  ${foundText(row)}`]],
		...text(`${tells}.`),
		...(isWatched
			? []
			: text(
					`What keys need has been recorded only since ${date(watchedSince)}: no key is called over-privileged before that is ${watchedDays} days ago.`,
					'warning',
				)),
		...(count === 0
			? []
			: text(`enter shows them; f fixes one${id === 'any' ? '' : `: ${lowered(mends)}`}.`)),
		[],
		...text(
			'/ uses other thresholds, such as idle:180d expiring:14d addresses:5. H opens this from anywhere.',
			'dim',
		),
	];
}

function lowered(sentence: string): string {
	return `${sentence.charAt(0).toLowerCase()}${sentence.slice(1)}`;
}

function watchedUntil(since: string): number {
	return Date.parse(since) + watchedDays * day;
}

/** `42 of 1,284 live keys, 3%`. */
function foundText({count, of}: FindingCount): string {
	const all = plural(of, ['live key', 'live keys']);
	if (count === 0) return `none of ${all}`;
	return `${writeCount(count)} of ${all}, ${percent(count, of)}`;
}
