import test from 'ava';
import type {KeyClient, UsageSeries, UsageStep} from '../../contract/usage.ts';
import type {Event} from '../../tui/app/effect.ts';
import {top} from '../../tui/app/navigation.ts';
import {glyphsFor} from '../../tui/glyphs.ts';
import {addressRows, groupRows, isOnlyRefused} from '../../tui/usage/groups.ts';
import {causesOf, layerTotals, usageChart} from '../../tui/usage/layers.ts';
import {usageRanges} from '../../tui/usage/ranges.ts';
import {rateOf, rateText, sampled} from '../../tui/usage/rate.ts';
import {noSparks, sparksDue, withSparks} from '../../tui/usage/sparks.ts';
import {keysSpec} from '../../tui/screens/keys/list/spec.ts';
import {sparseLine} from '../../tui/text/sparkline.ts';
import type {KeyUsageScreen} from '../../tui/screens/usage/key/screen.ts';
import type {OverviewScreen} from '../../tui/screens/usage/overview/screen.ts';
import {away, loggedIn, me, organisation, start, unused, used, type Driven} from './driven.ts';

/*
How keys are used, as pictures: what is read and when, what the counts become, where one points, and what
leads on from there.
*/

const glyphs = glyphsFor({});
const hour = 3_600_000;

type Group = readonly [
	group: string | null,
	counts: readonly number[],
	refused?: number,
	name?: string,
];

/** A series as the server tells it, that ends with the step that is running at `start`. */
function seriesOf(
	group_by: UsageSeries['group_by'],
	groups: readonly Group[],
	{step = 'hour', other = null}: {step?: UsageStep; other?: UsageSeries['other']} = {},
): UsageSeries {
	const each = step === 'hour' ? hour : 24 * hour;
	const count = groups[0]?.[1].length ?? 0;
	const at = (index: number) =>
		`${new Date((Math.floor(start / each) - count + 1 + index) * each).toISOString().slice(0, 19)}Z`;
	return {
		from: at(0),
		to: at(count),
		step,
		group_by,
		series: groups.map(([group, counts, refused = 0, name]) => ({
			group,
			name: name ?? null,
			total: counts.reduce((sum, each) => sum + each, 0),
			refused,
			points: counts.map((each, index) => [at(index), each]),
		})),
		other,
	};
}

const byOutcome = seriesOf('outcome', [
	['valid', [10, 20, 30]],
	['ip_denied', [0, 0, 5], 5],
	['rate_limited', [0, 2, 0], 2],
]);
const byAddress = seriesOf('address', [
	['10.4.3.9', [10, 10, 20]],
	['10.4.3.11', [0, 10, 10]],
	['185.220.101.4', [0, 0, 5], 5],
	[null, [0, 2, 0], 2],
]);
const clients: readonly KeyClient[] = [
	client('10.4.3.9', 'billing/4.2', '2026-03-01T00:00:00Z', '2026-03-12T11:59:59Z'),
	client('10.4.3.9', 'curl/8', '2026-02-20T00:00:00Z', '2026-03-10T00:00:00Z'),
	client('185.220.101.4', null, '2026-03-12T03:11:00Z', '2026-03-12T03:12:00Z'),
];

function client(
	address: string | null,
	user_agent: string | null,
	first_seen_at: string,
	last_seen_at: string,
): KeyClient {
	return {address, user_agent, first_seen_at, last_seen_at, count: 1, refused: 0};
}

function readOf(
	{model}: Driven,
	range: KeyUsageScreen['range'] = 'day',
	outcomes = byOutcome,
): Event {
	const read = {range, byOutcome: outcomes, byAddress, clients};
	return {type: 'keyUsageRead', id: used.id, read, took: 12, epoch: model.epoch};
}

function overviewOf({model}: Driven, byKey: UsageSeries): Event {
	const read = {range: 'day', byOutcome, byKey, byOwner: seriesOf('owner', [])} as const;
	return {type: 'overviewRead', read, took: 12, epoch: model.epoch};
}

/** The use of a key, from the list, with the answer not here yet. */
function atUsage(): Driven {
	return loggedIn([used, unused]).press('U');
}

const shown = ({model}: Driven) => top(model) as KeyUsageScreen;
const overview = ({model}: Driven) => top(model) as OverviewScreen;
const said = ({model}: Driven) => model.notice?.text;
const asked = ({effects}: Driven, what: string) => effects.some((effect) => effect.do === what);

test('the use of a key is asked for from the list and from its screen, and kept fresh', (t) => {
	const driven = atUsage();
	t.is(shown(driven).type, 'keyUsage');
	t.deepEqual(driven.effects, [
		{
			do: 'readKeyUsage',
			organisation: organisation.id,
			id: used.id,
			range: 'day',
			epoch: driven.model.epoch,
		},
	]);
	driven.wait(20_000);
	t.false(asked(driven, 'readKeyUsage'), 'not again before there is an answer');
	t.true(asked(driven, 'readKeyLimits'), 'limits stand beside the use');
	driven.send(readOf(driven)).wait(1000);
	t.is(shown(driven).read?.byOutcome, byOutcome);
	t.false(asked(driven, 'readKeyUsage'));
	driven.wait(5000);
	t.true(asked(driven, 'readKeyUsage'));

	const fromKey = loggedIn([used]).press('enter', 'U');
	t.is(shown(fromKey).type, 'keyUsage');
	t.is(shown(fromKey).id, used.id);
	t.is(top(fromKey.press('escape').model).type, 'key', 'and back');
});

test('another range is read at once, and what comes for the one before is not shown for it', (t) => {
	const driven = atUsage();
	driven.press('tab');
	t.is(shown(driven).range, 'week');
	t.like(driven.effects[0], {do: 'readKeyUsage', range: 'week'});
	driven.send(readOf(driven, 'day'));
	t.is(shown(driven).read, undefined);
	driven.send(readOf(driven, 'week'));
	t.is(shown(driven).read?.range, 'week');
	driven.press('tab', 'tab');
	t.is(shown(driven).range, 'day', 'after the last one the first');
	driven.press('shift-tab');
	t.is(shown(driven).range, 'month');
	// The week begins with a day, by the clock of the console; other ranges are left to the server.
	t.is(usageRanges.week.from(start), '2026-03-06T00:00:00Z');
	t.is(usageRanges.day.from(), undefined);
});

test('what could not be read is said, and what there is stays', (t) => {
	const driven = atUsage();
	driven.fails(away);
	t.regex(shown(driven).problem ?? '', /nothing listens there/);
	driven.send(readOf(driven));
	t.is(shown(driven).problem, undefined);
	driven.press('R');
	t.true(asked(driven, 'readKeyUsage'), 'R reads at once');
	driven.fails(
		away,
		driven.effects.find((effect) => effect.do === 'readKeyUsage'),
	);
	t.is(shown(driven).read?.byOutcome, byOutcome);
	t.truthy(shown(driven).problem);
});

test('whoever may not look at use is told so', (t) => {
	const driven = loggedIn([used], {...me, operator: false, role: null}).press('U');
	t.is(top(driven.model).type, 'keys');
	t.regex(said(driven) ?? '', /role may not look at the use/);
});

test('arrows point at bars, from the last one on, and stop at the first', (t) => {
	const driven = atUsage();
	driven.press('left');
	t.is(shown(driven).at, undefined, 'there is nothing to point at yet');
	driven.send(readOf(driven)).press('left');
	t.is(shown(driven).at, '2026-03-12T12:00:00Z');
	driven.press('left', 'left', 'left', 'left');
	t.is(shown(driven).at, '2026-03-12T10:00:00Z');
	driven.press('right', 'right');
	t.is(shown(driven).at, '2026-03-12T12:00:00Z');
	driven.press('right');
	t.is(shown(driven).at, undefined);
	t.is(top(driven.press('h').model).type, 'keys', 'h goes back, as ever');
});

test('an address leads to the question whether the key would be accepted from there', (t) => {
	const driven = atUsage();
	driven.send(readOf(driven)).press('j', 'j', 'enter');
	const screen = top(driven.model);
	t.is(screen.type, 'explain');
	t.like(driven.effects[0], {do: 'explainKey', id: used.id, use: {ip: '185.220.101.4'}});
	driven.press('escape').press('y');
	t.like(driven.effects[0], {do: 'copy', text: '185.220.101.4'});
	driven.press('j', 'y');
	t.deepEqual(driven.effects, [], 'nobody said from where');
});

test('the cursor stays on its address, wherever that moves', (t) => {
	const driven = atUsage();
	driven.send(readOf(driven)).press('j');
	t.is(shown(driven).table.id, '10.4.3.11');
	const moved = seriesOf('address', [
		['10.4.3.11', [0, 90, 10]],
		['10.4.3.9', [10, 10, 20]],
	]);
	const read = {range: 'day', byOutcome, byAddress: moved, clients} as const;
	driven.send({type: 'keyUsageRead', id: used.id, read, took: 1, epoch: driven.model.epoch});
	t.is(shown(driven).table.id, '10.4.3.11');
	t.is(shown(driven).table.index, 0);
});

test('the overview is one key away from everywhere, and leads to the use of a key and to the key', (t) => {
	const driven = loggedIn([used]).press('4', '0');
	t.is(overview(driven).type, 'overview');
	t.true(asked(driven, 'readOverview'));
	const byKey = seriesOf('key', [[used.id, [1, 2, 3], 0, used.name]], {
		other: {total: 9, refused: 1, points: []},
	});
	driven.send(overviewOf(driven, byKey));
	driven.press('enter');
	t.like(shown(driven), {type: 'keyUsage', id: used.id, name: used.name});
	driven.press('escape', 'o');
	t.like(top(driven.model), {type: 'key', id: used.id});
	t.true(asked(driven, 'readKey'));
	driven.press('escape', 'j', 'enter');
	t.is(top(driven.model).type, 'overview', 'all others together are no key');
	const gone = seriesOf('key', [[unused.id, [1, 2, 3], 0, 'gone']]);
	driven.send(overviewOf(driven, gone)).press('o');
	t.regex(said(driven) ?? '', /not in the list/);
	driven.press(':').write('overv');
	t.is(top(driven.press('enter').model).type, 'overview', 'also by its name');
});

test('outcomes are told in three layers, and each cause of refusals by itself', (t) => {
	t.deepEqual(layerTotals(byOutcome), {accepted: 60, limited: 2, refused: 5});
	t.deepEqual(
		causesOf(byOutcome).map(({label, total, layer}) => [label, total, layer]),
		[
			['address', 5, 'refused'],
			['rate limit', 2, 'limited'],
		],
	);
	const chart = usageChart(byOutcome, glyphs);
	t.deepEqual(
		chart.points.map(([, counts]) => counts),
		[
			[10, 0, 0],
			[20, 2, 0],
			[30, 0, 5],
		],
	);
	t.truthy(chart.strip);
	const later = seriesOf('outcome', [['from_a_later_version', [1], 1]]);
	t.deepEqual(layerTotals(later), {accepted: 0, limited: 0, refused: 1});
	t.is(usageChart(seriesOf('outcome', [['valid', [1]]]), glyphs).strip, undefined);
	t.deepEqual(usageChart(seriesOf('outcome', []), glyphs).points, []);
});

test('addresses have their share of what was accepted, and those that only were refused a mark', (t) => {
	const rows = addressRows(byAddress, clients);
	t.deepEqual(
		rows.map(({group, accepted, refused, share}) => [group, accepted, refused, share]),
		[
			['10.4.3.9', 40, 0, 40 / 60],
			['10.4.3.11', 20, 0, 20 / 60],
			['185.220.101.4', 0, 5, 0],
			[null, 0, 2, 0],
		],
	);
	t.deepEqual(rows.map(isOnlyRefused), [false, false, true, true]);
	t.like(rows[0], {
		first: '2026-02-20T00:00:00Z',
		last: '2026-03-12T11:59:59Z',
		agents: ['billing/4.2', 'curl/8'],
	});
	t.like(rows[1], {first: undefined, last: undefined, agents: []});
	t.is(new Set(rows.map(({id}) => id)).size, 4);
	const nothing = groupRows(seriesOf('address', [['10.0.0.1', [0]]]));
	t.is(nothing[0]?.share, undefined, 'of nothing nobody has a share');
	const other = {total: 7, refused: 3, points: []};
	t.like(groupRows(seriesOf('key', [['x', [4]]], {other}))[1], {id: '', accepted: 4, share: 0.5});
});

test('the rate is what the counts grew by while one looked, also over the beginning of an hour', (t) => {
	const read = (counts: readonly number[]) => seriesOf('outcome', [['valid', counts]]);
	let samples = sampled([], read([5, 100]), 0);
	t.is(rateOf(samples), undefined, 'one look tells nothing');
	samples = sampled(samples, read([5, 110]), 2000);
	t.is(rateOf(samples), undefined, 'nor do two seconds');
	samples = sampled(samples, read([5, 120]), 10_000);
	t.deepEqual(rateOf(samples), {perMinute: 120, seconds: 10});
	const later = seriesOf('outcome', [['valid', [5, 130, 7]]]);
	const shifted = {
		...later,
		series: later.series.map((each) => ({
			...each,
			points: each.points.map(([at, count]): [string, number] => [
				`${new Date(Date.parse(at) + hour).toISOString().slice(0, 19)}Z`,
				count,
			]),
		})),
	};
	t.deepEqual(rateOf(sampled(samples, shifted, 20_000)), {perMinute: 111, seconds: 20});
	t.is(sampled(samples, read([5, 120]), 500_000).length, 1, 'what is long ago is not now');
	t.is(rateText(0), '0/min');
	t.is(rateText(0.4), '<1/min');
	t.is(rateText(1200), '1,200/min');
	t.is(rateText(60_000), '1,000/s');
});

test('the list draws the use of the rows in view, read in one call, and again after 15 seconds', (t) => {
	const wide = (driven: Driven) =>
		driven.send({type: 'resized', columns: 120, rows: 24}).wait(1000);
	const narrow = loggedIn([used, unused]).wait(1000);
	t.false(asked(narrow, 'readSparks'), 'there is no room for it at 80 columns');
	const driven = wide(loggedIn([used, unused]));
	const ids = [used.id, unused.id];
	t.deepEqual(
		driven.effects.find((effect) => effect.do === 'readSparks'),
		{do: 'readSparks', organisation: organisation.id, ids, epoch: driven.model.epoch},
	);
	t.false(asked(driven.wait(2000), 'readSparks'), 'not while it is being asked');
	t.true(
		asked(driven.wait(15_000), 'readSparks'),
		'but an answer that never came is not waited for',
	);
	const counts = Array.from({length: 24}, (_, at) => at);
	const series = seriesOf('key', [[used.id, counts, 0, used.name]]);
	driven.send({type: 'sparksRead', ids, series, epoch: driven.model.epoch});
	const column = keysSpec
		.columns(driven.model, 120, glyphs)
		.find(({title}) => title === 'LAST 24 H');
	t.is(
		column?.cell(used)[0],
		sparseLine([1, 5, 9, 13, 17, 21, 25, 29, 33, 37, 41, 45], glyphs.bars),
	);
	t.is(column?.cell(unused)[0], '', 'it was not used');
	t.false(asked(driven.wait(10_000), 'readSparks'));
	t.true(asked(driven.wait(6000), 'readSparks'));
	t.false(
		asked(
			wide(loggedIn([used]))
				.press('p')
				.wait(20_000),
			'readSparks',
		),
		'not while it is paused',
	);
	const nobody = loggedIn([used], {...me, operator: false, role: null});
	t.false(asked(wide(nobody), 'readSparks'));
});

test('of many keys those in view are asked for, at most 50, the longest unread first', (t) => {
	const inView = Array.from({length: 60}, (_, at) => `key ${at}`);
	const first = sparksDue(noSparks, inView, 0);
	t.deepEqual(first, inView.slice(0, 50));
	const none = seriesOf('key', []);
	const read = withSparks({...noSparks, askedAt: 0, waiting: true}, first, none, 0);
	t.deepEqual(sparksDue(read, inView, 1000).slice(0, 10), inView.slice(50));
	t.deepEqual(sparksDue(read, inView.slice(0, 50), 1000), [], 'all of these are fresh');
	const other = loggedIn([used]).send({type: 'resized', columns: 120, rows: 24}).wait(1000);
	other.send({type: 'sparksRead', ids: [used.id], series: none, epoch: 999});
	t.is(other.model.sparks.read.size, 0, 'what is of another organisation is dropped');
});
