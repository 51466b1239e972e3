import test from 'ava';
import {watchSeconds, type KeyDecision, type KeyDecisions} from '../../contract/decisions.ts';
import type {Effect} from '../../tui/app/effect.ts';
import {top} from '../../tui/app/navigation.ts';
import {paletteMatches} from '../../tui/app/palette/matches.ts';
import {detailLines} from '../../tui/screens/live/detail.ts';
import {parseLiveFilter} from '../../tui/screens/live/filter.ts';
import {isFollowing, newerBelow, rowAt, visibleRows} from '../../tui/screens/live/rows.ts';
import {Failure} from '../../tui/failure.ts';
import {away, detail, loggedIn, me, start, used} from './driven.ts';

/* What is decided, live in the console, without a screen. */

function decision(at: number, more: Partial<KeyDecision> = {}): KeyDecision {
	return {
		at: new Date(start + at).toISOString(),
		key_id: used.id,
		key_name: used.name,
		outcome: 'valid',
		address: '10.20.0.7',
		user_agent: 'ingest/2.1',
		via: 'verify',
		method: 'GET',
		tags: ['orders'],
		scopes: [],
		server: 'one',
		...more,
	};
}

type Asked = Extract<Effect, {do: 'readDecisions'}>;

/** A console on the screen, whose first question was answered. */
function onLive(who = me) {
	const driven = loggedIn(undefined, who);
	const asked = () =>
		driven.effects.find((effect): effect is Asked => effect.do === 'readDecisions');
	let count = 0;
	return Object.assign(driven, {
		asked,
		screen: () => {
			const shown = top(driven.model);
			if (shown.type !== 'live') throw new Error(shown.type);
			return shown;
		},
		told(decisions: KeyDecision[], leftOut = 0, of = asked()) {
			if (of === undefined) throw new Error('nothing was asked');
			const told: KeyDecisions = {
				decisions,
				seen: decisions.length + leftOut,
				left_out: leftOut,
				after: `1-${++count}-0-0`,
			};
			driven.send({type: 'decisionsRead', of, told, epoch: driven.model.epoch});
		},
	});
}

test('it is asked each second from where the last answer ended, and the newest is at the bottom', (t) => {
	const live = onLive();
	live.press('W');
	t.like(live.asked(), {query: {}});
	t.is(live.asked()?.after, undefined);
	live.told([]);
	live.wait(500);
	t.is(live.asked(), undefined);
	live.wait(500);
	t.is(live.asked()?.after, '1-1-0-0');
	live.wait(1000);
	t.is(live.asked(), undefined, 'one question at a time');
	live.wait(1000);
	live.told([], 0, live.screen().asking);
	live.wait(1000);
	live.told([decision(1), decision(2)], 12);
	const rows = visibleRows(live.screen());
	t.deepEqual(
		rows.map((row) => ('decision' in row ? row.decision.at : row)),
		[decision(1).at, decision(2).at, {id: '2', leftOut: 12}],
	);
	t.true(isFollowing(live.screen()));
	t.is(live.screen().last?.rate, 14);
});

test('scrolling up holds the place while more comes, and the end follows again', (t) => {
	const live = onLive();
	live.press('W');
	live.told(Array.from({length: 50}, (_, at) => decision(at)));
	live.press('k', 'k');
	const held = rowAt(live.screen())?.id;
	live.wait(1000);
	live.told([decision(100), decision(101)]);
	t.is(rowAt(live.screen())?.id, held);
	t.is(newerBelow(live.screen()), 4);
	live.press('G');
	live.wait(1000);
	live.told([decision(200)]);
	t.true(isFollowing(live.screen()));
	for (let second = 0; second < 12; second++) {
		live.wait(1000);
		live.told(Array.from({length: 200}, (_, at) => decision(1000 * second + at)));
	}
	t.is(live.screen().rows.length, 1000, 'what is kept is bounded');
	t.true(isFollowing(live.screen()));
});

test('held it asks nothing; after long, what was missed is said and not made up', (t) => {
	const live = onLive();
	live.press('W');
	live.told([decision(1)]);
	live.press(' ');
	t.true(live.screen().paused);
	live.wait(5000);
	t.is(live.asked(), undefined);
	live.press(' ');
	t.is(live.asked()?.after, '1-1-0-0', 'of some seconds nothing is lost');
	live.told([decision(2)]);
	live.press(' ');
	live.wait((watchSeconds + 5) * 1000);
	live.press(' ');
	t.is(live.asked()?.after, undefined);
	live.told([]);
	t.deepEqual(visibleRows(live.screen()).at(-1), {id: '2', unseenMs: 20_000});
	t.regex(textOf(detailLines(rowAt(live.screen()), 100)), /Nobody looked for 20s/);
	live.press('?');
	live.wait(1000);
	t.is(live.asked(), undefined, 'nor while the help covers it');
});

test('a filter narrows what is shown at once, and by outcome what is asked', (t) => {
	const live = onLive();
	live.press('W');
	live.told([decision(1), decision(2, {outcome: 'expired', key_name: 'old'})]);
	live.press('r');
	t.deepEqual(live.asked()?.query, {outcome: 'refused'});
	t.is(live.asked()?.after, undefined, 'it is another watch');
	t.is(visibleRows(live.screen()).length, 1);
	live.told([decision(3, {outcome: 'revoked'})]);
	t.is(visibleRows(live.screen()).length, 2);
	live.press('r');
	t.deepEqual(live.asked()?.query, {});
	live.told([]);
	live.press('/');
	live.write('outcome:nonsense');
	live.press('enter');
	t.true(live.screen().filter.open);
	t.regex(live.model.notice?.text ?? '', /takes ok, refused or why/);
	live.press('escape');
	live.press('/');
	live.write('key:OLD');
	live.press('enter');
	t.is(visibleRows(live.screen()).length, 1);
	live.press('escape');
	t.is(visibleRows(live.screen()).length, 3);
});

test('what a filter takes', (t) => {
	const takes = (text: string, more: Partial<KeyDecision> = {}) =>
		parseLiveFilter(text, start).test(decision(1, more));
	t.true(takes('outcome:ok from:10.20. tag:ORD ingest'));
	t.false(takes('outcome:refused'));
	t.true(takes('outcome:ip_denied', {outcome: 'ip_denied'}));
	t.true(takes('outcome:scope', {outcome: 'insufficient_scope'}));
	t.false(takes('from:10.21.'));
	t.false(takes('from:10', {address: null}));
	t.true(takes(`key:${used.id} !curl`));
	t.deepEqual(parseLiveFilter('outcome:too_early', start).problem?.split(':')[0], 'outcome');
	for (const name of ['key', 'from', 'tag']) {
		t.not(parseLiveFilter(`${name}:`, start).problem, undefined);
	}
});

test('from the screen of a key it is about that key, and leads back to keys', (t) => {
	const live = onLive();
	live.press('j', 'enter');
	live.send({
		type: 'keyRead',
		id: used.id,
		use: {detail, hours: [], days: []},
		epoch: live.model.epoch,
	});
	live.press('w');
	const shown = top(live.model);
	t.is(shown.type, 'live');
	const {key} = live.screen();
	t.deepEqual(live.asked()?.query, {key_id: key?.id});
	live.told([decision(1)]);
	live.press('v');
	t.is(top(live.model).type, 'explain');
	live.press('escape', 'enter');
	t.like(top(live.model), {type: 'key', id: used.id});
	live.press('escape', 'y');
	t.like(live.effects[0], {do: 'copy'});
});

test('a fault is said, what was told stays, and it is asked again later', (t) => {
	const live = onLive();
	live.press('W');
	live.told([decision(1)]);
	live.wait(1000);
	live.fails(new Failure('refused', 'Decisions cannot be watched without Redis', {status: 503}));
	t.is(live.screen().problem, 'Decisions cannot be watched without Redis');
	t.is(visibleRows(live.screen()).length, 1);
	live.wait(1000);
	t.is(live.asked(), undefined);
	live.wait(4000);
	t.not(live.asked(), undefined);
	live.told([decision(2)]);
	t.is(live.screen().problem, undefined);
	live.wait(1000);
	live.fails(away);
	t.is(live.model.link.state, 'offline');
});

test('who may not look is told who may, and nothing is asked', (t) => {
	const live = onLive({...me, operator: false, role: 'developer'});
	live.press('W');
	t.is(top(live.model).type, 'keys');
	t.is(live.asked(), undefined);
	t.is(live.model.notice?.text, 'Only owners and admins may look at decisions');
	live.press(':');
	live.write('live');
	t.true(
		paletteMatches(
			live.model,
			live.model.palette ?? {text: {value: '', cursor: 0}, choice: 0},
		).some(({name}) => name === 'live'),
	);
});

function textOf(lines: readonly (readonly (readonly [string, ...unknown[]])[])[]): string {
	return lines
		.flat()
		.map(([text]) => text)
		.join('');
}
