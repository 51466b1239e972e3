import {rateText} from '../../../../contract/limits-in-words.ts';
import type {KeyLimitsState} from '../../../../contract/key-limits.ts';
import type {Part} from '../../../components/line.tsx';
import {factsOf} from '../../../components/facts.ts';
import {clean} from '../../../text/clean.ts';
import {writeCount} from '../../../text/count.ts';
import {gauge, percent} from '../../../text/gauge.ts';
import {atMost, minute, until} from '../../../text/time.ts';
import {fit, width, wrap} from '../../../text/width.ts';
import type {KeyLimitsRead} from './screen.ts';

const labelWidth = 12;
/** How wide names and bars may be, by the columns there are. */
const widths = [
	{from: 96, name: 30, bar: 20},
	{from: 70, name: 30, bar: 10},
	{from: 0, name: 14, bar: 6},
] as const;

type Limit = KeyLimitsState['rate_limits'][number];
type Quota = KeyLimitsState['quotas'][number];
type Measured = {
	readonly name: string;
	readonly used: number;
	readonly whole: number;
	readonly text: string;
};

/** What is left of each limit and quota of a key now, and who tells; nothing where none limits it. */
export function limitLines(
	{state, problem}: KeyLimitsRead,
	now: number,
	bars: string,
	columns: number,
): Part[][] {
	const {lines, add} = factsOf(columns);
	if (problem !== undefined) {
		add('', `! What is left could not be read: ${clean(problem)}`, 'warning');
	}
	if (state === undefined) return lines;
	const measured = [
		...state.rate_limits.map(limitNow),
		...state.quotas.map((quota) => quotaNow(quota, now)),
	];
	const {name: widest, bar: barWidth} = widths.find(({from}) => columns >= from) ?? widths[2];
	const nameWidth = Math.min(widest, Math.max(...measured.map(({name}) => width(name)))) + 2;
	const indent = labelWidth + nameWidth + barWidth + 2;
	const left = measured.flatMap(({name, used, whole, text}, at): Part[][] => {
		const isSpent = used >= whole;
		return wrap(text, columns - indent).map((line, row): Part[] =>
			row > 0
				? [[' '.repeat(indent)], [line]]
				: [
						[(at === 0 ? 'Used now' : '').padEnd(labelWidth), 'dim'],
						[`${fit(name, nameWidth - 2)}  `],
						[gauge(used, whole, barWidth, bars), isSpent ? 'warning' : used > 0 ? 'key' : 'dim'],
						[`${isSpent ? '!' : ' '} `, 'warning'],
						[line, isSpent ? 'warning' : 'plain'],
					],
		);
	});
	const source = sources[state.limits_source ?? 'redis'];
	if (source !== undefined) add('', source, 'warning');
	return [...left, ...lines];
}

/** Who tells, where that is not as ever. */
const sources: Readonly<Record<string, string>> = {
	local: '! Redis is away: this server tells what it knows, and holds the key to its share.',
	none: '! Redis is away, and the key policy lets everything pass meanwhile.',
};

function limitNow({name, limit, window_seconds, burst, remaining, reset_seconds}: Limit): Measured {
	// A key's own limits are told above.
	const isShared = name.includes(':');
	return {
		name: clean(isShared ? `${name} ${rateText({limit, window_seconds})}` : name),
		used: burst - remaining,
		whole: burst,
		text: `${writeCount(remaining)} of ${writeCount(burst)} left${againText(remaining, reset_seconds)}`,
	};
}

function againText(remaining: number, seconds: number | null): string {
	if (seconds === null) return ', and each use takes more than that';
	if (seconds === 0) return '';
	return remaining === 0
		? `, the next in ${atMost(seconds)}`
		: `, all of them in ${atMost(seconds)}`;
}

function quotaNow({name, used, limit, remaining, resets_at: resets}: Quota, now: number): Measured {
	const again =
		resets === null ? 'it never resets' : `resets ${until(resets, now)}, ${minute(resets)} UTC`;
	return {
		name: clean(name),
		used,
		whole: limit,
		text: `${writeCount(remaining)} of ${writeCount(limit)} left, ${percent(used, limit)} used; ${again}`,
	};
}
