import test from 'ava';
import type {SharedLimitsRow} from '../../tui/screens/limits/shared/list.ts';
import {sharedLimitsFacts} from '../../tui/screens/limits/shared/lines.ts';
import {sharedLimitsSpec} from '../../tui/screens/limits/shared/spec.ts';
import {top} from '../../tui/app/navigation.ts';
import {isTable} from '../../tui/app/screens.ts';
import {Failure} from '../../tui/failure.ts';
import type {FormScreen} from '../../tui/screens/kinds/form/screen.ts';
import {glyphsFor} from '../../tui/glyphs.ts';
import {loggedIn, me, organisation, start, unused, used, type Driven} from './driven.ts';

/*
Limits that keys share: their list, and what changes them.
*/

const ofAll: SharedLimitsRow = {
	id: '',
	owner: null,
	rate_limits: [{name: 'all', limit: 1000, window_seconds: 60, burst: 1000, cost: 1, auto: true}],
	quota: null,
	quota_used: null,
	quota_resets_at: null,
	created_at: '2026-01-01T00:00:00Z',
	updated_at: '2026-02-01T00:00:00Z',
};
const ofTeam: SharedLimitsRow = {
	...ofAll,
	id: 'team/payments',
	owner: {type: 'team', id: 'payments'},
	rate_limits: [],
	quota: {limit: 50_000, period: 'month', reset_day: 1, timezone: 'Europe/Berlin', cost: 1},
	quota_used: 41_204,
	quota_resets_at: '2026-03-31T22:00:00Z',
};

function atShared(
	items: readonly SharedLimitsRow[] = [ofAll, ofTeam],
	...who: [keys?: Parameters<typeof loggedIn>[0], who?: Parameters<typeof loggedIn>[1]]
): Driven {
	const driven = loggedIn(...who);
	driven.press(':').write('shared limits').press('enter');
	const {epoch} = driven.model;
	driven.send({
		type: 'loaded',
		answer: {list: 'sharedLimits', items},
		partial: false,
		took: 1,
		epoch,
	});
	return driven;
}

function change({effects: [effect]}: Driven) {
	return effect?.do === 'change' ? effect.change : undefined;
}

const formOf = (driven: Driven) => (top(driven.model) as FormScreen).form;

test('limits are set for an owner, or for all keys', (t) => {
	const driven = atShared([]);
	driven.press('n').write('payments').press('enter');
	t.is(formOf(driven).fields[0]?.problem, 'takes a type and an id such as team/payments');
	driven.press('shift-tab', 'ctrl-u').write('team/pay ments').press('enter');
	driven.write('all 1k/min').press('enter').write('50k/month').press('enter');
	t.like(change(driven), {
		route: 'setOwnerLimits',
		input: {
			org_id: organisation.id,
			owner_type: 'team',
			owner_id: 'pay ments',
			body: {rate_limits: [{name: 'all', limit: 1000}], quota: {limit: 50_000, timezone: 'UTC'}},
		},
		reload: 'sharedLimits',
		tellsWhere: true,
		done: 'Set what the keys of team/pay ments share: in force',
	});
	const all = atShared([]).press('n', 'enter', 'enter').write('9/total').press('enter');
	t.like(change(all), {
		route: 'setOrganisationLimits',
		input: {org_id: organisation.id, body: {rate_limits: [], quota: {limit: 9}}},
		done: 'Set what all keys share: in force',
	});
});

test('a form without a limit and a quota is not sent', (t) => {
	const driven = atShared([]).press('n', 'enter', 'enter').write('none').press('enter');
	t.deepEqual(driven.effects, []);
	t.is(
		formOf(driven).fields[1]?.problem,
		'a limit or a quota is needed; x in the list removes both',
	);
});

test('what is there already is not replaced unasked', (t) => {
	const driven = atShared();
	driven.press('n').write('team/payments').press('enter').write('all 1/s').press('enter', 'enter');
	t.deepEqual(driven.effects, []);
	const screen = top(driven.model);
	t.true(screen.type === 'confirm' && screen.question.includes('the keys of team/payments'));
	driven.press('escape');
	t.is(formOf(driven).fields[1]?.text.value, 'all 1/s', 'what was typed is kept');
	driven.press('enter').wait(1000).agree();
	t.like(change(driven), {route: 'setOwnerLimits', input: {body: {quota: null}}});
});

test('a change sends all of what is shared, and nothing where it is the same', (t) => {
	const driven = atShared().press('j', 'enter');
	t.deepEqual(
		formOf(driven).fields.map(({name, initial}) => [name, initial]),
		[
			['rate_limits', ''],
			['quota', '50,000/month in Europe/Berlin'],
		],
	);
	driven.write('each 5/s').press('enter', 'enter');
	t.like(change(driven), {
		route: 'setOwnerLimits',
		input: {body: {rate_limits: [{name: 'each'}], quota: ofTeam.quota}},
	});
	const same = atShared().press('e', 'enter', 'enter');
	t.deepEqual(same.effects, []);
	t.is(same.model.notice?.text, 'Nothing was changed: they share these limits already.');
});

test('a fault that the server finds in an owner is said under the owner', (t) => {
	const driven = atShared([]).press('n').write('team/a').press('enter').write('a 1/s');
	driven.press('enter', 'enter');
	driven.fails(new Failure('refused', 'owner_id is too odd', {status: 400, field: 'owner_id'}));
	t.is(formOf(driven).fields[0]?.problem, 'owner_id is too odd');
	t.is(formOf(driven).focus, 0);
});

test('shared limits are taken away by a y, and the row is gone then', (t) => {
	const driven = atShared().press('j', 'x').wait(1000).agree();
	t.like(change(driven), {
		route: 'deleteOwnerLimits',
		input: {org_id: organisation.id, owner_type: 'team', owner_id: 'payments'},
	});
	driven.answers({message: 'deleted'}, 'barrier; verifiers=2; ms=3');
	const screen = top(driven.model);
	t.deepEqual(isTable(screen) ? screen.visible : undefined, [ofAll]);
	t.is(
		driven.model.notice?.text,
		'Removed the limits that the keys of team/payments shared: in force everywhere (2 servers, 3 ms)',
	);
	const all = atShared().press('x').wait(1000).agree();
	t.like(change(all), {route: 'deleteOrganisationLimits', input: {org_id: organisation.id}});
});

test('K shows the keys that share them', (t) => {
	const ours = {...used, owner: ofTeam.owner};
	const driven = atShared([ofAll, ofTeam], [unused, ours]).press('j', 'K');
	const screen = top(driven.model);
	t.true(isTable(screen) && screen.type === 'keys');
	t.deepEqual(isTable(screen) ? screen.visible : undefined, [ours]);
});

test('who may only read is told who changes them', (t) => {
	const reader = {...me, operator: false, role: 'developer'} as const;
	const driven = atShared(undefined, undefined, reader);
	for (const key of ['n', 'e', 'x']) {
		driven.press(key);
		t.is(top(driven.model).type, 'sharedLimits', key);
		t.is(driven.model.notice?.text, 'Only admins and owners change shared limits');
	}
	t.deepEqual(sharedLimitsSpec.unavailable?.(driven.model, ofTeam, []), [
		'setLimits',
		'edit',
		'remove',
	]);
	t.true(String(sharedLimitsSpec.empty(driven.model)).includes('Admins and owners set them'));
});

test('what was used of a quota is told as far as it is known', (t) => {
	const {model} = loggedIn();
	const column = sharedLimitsSpec
		.columns(model, 80, glyphsFor({}))
		.find(({title}) => title === 'USED');
	t.deepEqual(column?.cell(ofTeam), ['41,204 of 50,000 (82%)', 'warning']);
	t.deepEqual(column?.cell({...ofTeam, quota_used: 4}), ['4 of 50,000 (<1%)', 'plain']);
	t.deepEqual(column?.cell({...ofTeam, quota_used: 50_001}), [
		'! 50,001 of 50,000 (100%)',
		'warning',
	]);
	t.deepEqual(column?.cell(ofAll), ['', 'dim']);
	const facts = sharedLimitsFacts(ofTeam, start, 100).map((parts) =>
		parts.map(([text]) => text).join(''),
	);
	t.true(facts.includes('Used        41,204 of 50,000 (82%), some seconds ago'));
	t.true(facts.includes('Resets      2026-03-31 22:00:00 UTC, in 19d'), facts.join('\n'));
});
