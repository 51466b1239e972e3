import test from 'ava';
import type {Delivery} from '../../contract/webhooks.ts';
import {top} from '../../tui/app/navigation.ts';
import type {Items} from '../../tui/app/lists.ts';
import {isTable} from '../../tui/app/screens.ts';
import {kindOf} from '../../tui/app/kinds.ts';
import {type Driven, loggedIn, me, used} from './driven.ts';

/*
Links in both directions: a key, its entries in the trail, who did what, deliveries about it.
*/

const entry: Items['audit'] = {
	id: '7',
	sequence: 7,
	recorded_at: '2026-03-12T11:00:00.000000Z',
	action: 'key.revoked',
	outcome: 'success',
	actor: {type: 'user', id: me.id, name: me.email},
	target: {type: 'api_key', id: used.id, name: used.name},
	address: '10.0.0.1',
	request_id: 'r',
	details: null,
	hash: 'h',
};
const delivery: Delivery = {
	id: '99999999-9999-4999-8999-999999999999',
	endpoint_id: '77777777-7777-4777-8777-777777777777',
	event_id: 'msg_0123456789abcdef0123456789abcdef',
	event_type: 'key.revoked',
	replay: 0,
	status: 'dead',
	attempts: 10,
	next_attempt_at: null,
	created_at: '2026-03-12T11:30:00Z',
	finished_at: '2026-03-12T11:59:00Z',
	last_status_code: 503,
	last_error: 'answered 503',
	key: {id: used.id, name: used.name},
};

function shown({model}: Driven): string {
	return kindOf(top(model)).title(top(model), model);
}

/** The page that was asked for last comes in. */
function answered(driven: Driven, list: 'audit' | 'deliveries', items: readonly never[]): Driven {
	const asked = driven.effects.find((effect) => effect.do === 'load');
	return driven.send({
		type: 'loaded',
		answer: {list, items} as never,
		query: asked?.query,
		page: {place: 'top'},
		partial: false,
		took: 1,
		epoch: driven.model.epoch,
	});
}

test('who revoked a key is one key away: a opens its trail, o leads back to it, O to who did it', (t) => {
	const driven = loggedIn().press('j', 'a');
	t.is(shown(driven), `audit of ${used.name}`);
	t.like(driven.effects, [{do: 'load', list: 'audit', query: {target: used.id}}]);
	answered(driven, 'audit', [entry as never]);
	driven.press('o');
	t.like(top(driven.model), {type: 'key', id: used.id});
	driven.press('escape', 'O');
	t.is(top(driven.model).type, 'members');
	driven.send({
		type: 'loaded',
		answer: {
			list: 'members',
			items: [
				{
					id: 'other',
					user_id: 'other',
					email: 'other@acme.example',
					role: 'owner',
					created_at: entry.recorded_at,
				},
				{id: me.id, user_id: me.id, email: me.email, role: 'owner', created_at: entry.recorded_at},
			],
		},
		partial: false,
		took: 1,
		epoch: driven.model.epoch,
	});
	const members = top(driven.model);
	t.is(isTable(members) && members.table.id, me.id, 'the cursor is on whoever it was');
	t.is(shown(driven.press('a')), `audit of ${me.email}`);
	t.like(driven.effects, [{do: 'load', list: 'audit', query: {actor: me.id}}]);
});

test('back on the trail of a key, that of somebody else that was opened on top is not shown', (t) => {
	const driven = loggedIn().press('j', 'a');
	answered(driven, 'audit', [entry as never]);
	driven.press('O', 'escape');
	t.is(shown(driven), `audit of ${used.name}`);
	driven.press('enter', 'o', 'a', 'enter', 'escape', 'escape', 'escape', 'escape');
	t.is(shown(driven), `audit of ${used.name}`);
	driven.press('escape', '5');
	t.is(shown(driven), 'audit');
	t.like(driven.effects, [{do: 'load', list: 'audit', query: undefined}]);
	driven.press('1', 'k', 'a', '-');
	t.is(shown(driven), 'audit');
});

test('whoever may not read the trail is told, and nothing is asked', (t) => {
	const driven = loggedIn(undefined, {...me, operator: false, role: 'viewer'}).press('a');
	t.is(top(driven.model).type, 'keys');
	t.is(driven.model.notice?.text, 'Only admins and owners read the audit trail');
	t.deepEqual(driven.effects, []);
});

test('a delivery names its key and endpoint and leads to them; a key leads to what was sent about it', (t) => {
	const driven = loggedIn().press('6', 'A');
	answered(driven, 'deliveries', [delivery as never]);
	driven.press('o');
	t.like(top(driven.model), {type: 'key', id: used.id});
	driven.press('escape', 'O');
	t.is(top(driven.model).type, 'webhooks');
	driven.press('1', 'j', 'enter', 'N');
	const screen = top(driven.model);
	t.is(isTable(screen) && screen.filter.applied, `key:${used.id}`);
	const other = {...delivery, id: 'b', key: null};
	answered(driven, 'deliveries', [delivery as never, other as never]);
	const found = top(driven.model);
	t.deepEqual(isTable(found) && found.visible.map(({id}) => id), [delivery.id]);
});
