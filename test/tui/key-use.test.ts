import test from 'ava';
import type {FullUsageBucket} from '../../contract/keys.ts';
import {countedOutcomes} from '../../contract/outcomes.ts';
import {top} from '../../tui/app/navigation.ts';
import type {Part} from '../../tui/components/line.tsx';
import {keysSpec} from '../../tui/screens/keys/list/spec.ts';
import {keyLayout, keyLines} from '../../tui/screens/keys/key/lines.ts';
import {anyGlyphs} from '../../tui/screens/keys/key/usage.ts';
import {detail, loggedIn, unused, used} from './driven.ts';

/* The last day of a key, on its screen: as a chart where there is room for one. */

/** Hour by hour, or day by day; in the last one half as many were refused besides. */
function buckets(counts: readonly number[]): FullUsageBucket[] {
	const none = Object.fromEntries(countedOutcomes.map((outcome) => [outcome, 0]));
	return counts.map((valid, at) => {
		const start = new Date(Date.UTC(2026, 2, 11, 13 + at)).toISOString().replace('.000Z', 'Z');
		const revoked = at === counts.length - 1 ? Math.floor(valid / 2) : 0;
		return {...none, start, valid, revoked} as FullUsageBucket;
	});
}

function shown(rows: number, hours: readonly FullUsageBucket[]) {
	const {model} = loggedIn([used])
		.press('enter')
		.send(
			{type: 'resized', columns: 80, rows},
			{
				type: 'keyRead',
				id: used.id,
				use: {detail, hours: [...hours], days: buckets([3, 4])},
				epoch: 1,
			},
		);
	const screen = model.screens.find(({type}) => type === 'key');
	if (screen?.type !== 'key') throw new Error('no screen of a key');
	const lines = (keyLines(screen, model, anyGlyphs) ?? []).map((parts) =>
		parts.map(([text]) => text).join(''),
	);
	return {lines, lastOffset: keyLayout(lines.length, model).lastOffset};
}

const busy = buckets(Array.from({length: 24}, (_, hour) => (hour + 1) * 10));

test('in a high window the last day is a chart, and all is seen at once', (t) => {
	const {lines, lastOffset} = shown(40, busy);
	t.is(lastOffset, 0);
	const at = lines.findIndex((line) => line.includes('24 hours'));
	t.regex(lines[at] ?? '', /24 hours +3,000 accepted, 120 refused \(revoked\)/);
	const chart = lines.slice(
		at + 1,
		lines.findIndex((line) => line.includes('30 days')),
	);
	t.true(chart.length >= 6 && chart.length <= 12);
	t.regex(chart[0] ?? '', /^ +\d+ \+/, 'an axis begins with its highest number');
	t.true(chart.some((line) => line.includes('#')));
	t.regex(chart.at(-1) ?? '', /^ *refused /, 'few refusals have a line of their own');
	t.true(lines.every((line) => line.length <= 80));
});

test('in a low window, and where nothing is to be drawn, it is a line', (t) => {
	for (const {lines} of [shown(20, busy), shown(40, buckets(Array.from({length: 24}, () => 0)))]) {
		const line = lines.find((each) => each.includes('24 hours'));
		t.regex(line ?? '', /^ ?24 hours +([_.:\-=+*#]{24} {2}|no use)/);
		t.false(lines.some((each) => each.includes('|')));
	}
});

test('where there is room, who calls with a key and what was done to it stands beside the facts', (t) => {
	const wide = loggedIn([unused, used]).send({type: 'resized', columns: 200, rows: 40});
	wide.wait(1000).wait(1000);
	const asked = wide.effects.find(({do: what}) => what === 'readKeyAround');
	t.like(asked, {id: unused.id, clients: true, entries: true});
	const client = {
		address: '10.4.3.9',
		user_agent: 'ingest/2.1',
		first_seen_at: detail.created_at,
		last_seen_at: detail.created_at,
		count: 15,
		refused: 15,
	};
	wide.send({type: 'keyAroundRead', id: unused.id, clients: [client], entries: [], epoch: 1});
	const screen = top(wide.model);
	const textOf = (lines: readonly (readonly Part[])[]) =>
		lines.map((line) => line.map(([text]) => text).join('')).join('\n');
	const beside = keysSpec.facts?.(unused, wide.model, 48) ?? [];
	t.regex(textOf(beside), /CALLED FROM +CALLS +LAST CALL +WITH\n! 10\.4\.3\.9 +15 /);
	// Of another key nothing is shown that belongs to this one.
	t.notRegex(textOf(keysSpec.facts?.(used, wide.model, 48) ?? []), /CALLED FROM/);
	t.is(screen.type, 'keys');
	wide.wait(2000);
	t.false(
		wide.effects.some(({do: what}) => what === 'readKeyAround'),
		'not again at once',
	);
	wide.press('enter').send({type: 'resized', columns: 80, rows: 24});
	t.notRegex(textOf(keyLines({type: 'key', id: unused.id}, wide.model, anyGlyphs) ?? []), /CALLED/);
});
