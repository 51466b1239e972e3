import test from 'ava';
import type {FullKey} from '../../contract/keys.ts';
import type {Me} from '../../contract/people.ts';
import type {Delivery} from '../../contract/webhooks.ts';
import {top} from '../../tui/app/navigation.ts';
import type {Effect} from '../../tui/app/effect.ts';
import type {TableName} from '../../tui/app/lists.ts';
import {isTable} from '../../tui/app/screens.ts';
import {askEach} from '../../tui/client/each.ts';
import {Failure} from '../../tui/failure.ts';
import {type Driven, loggedIn, me, unused} from './driven.ts';

/*
One change of all rows that are marked: how far it reaches is said before, what became of each after.
*/

const since = '2026-03-12T11:00:00Z';
const endpoint = '77777777-7777-4777-8777-777777777777';
const delivery: Delivery = {
	id: 'a',
	endpoint_id: endpoint,
	event_id: 'msg_0123456789abcdef0123456789abcdef',
	event_type: 'key.revoked',
	replay: 0,
	status: 'dead',
	attempts: 10,
	next_attempt_at: null,
	created_at: since,
	finished_at: since,
	last_status_code: 503,
	last_error: 'answered 503',
	key: {id: 'k', name: 'billing'},
};
const session = {
	created_at: since,
	last_used_at: since,
	expires_at: '2026-03-13T00:00:00Z',
	address: '10.0.0.7',
	user_agent: 'curl',
};
const source = {type: 'postgres', created_at: since, updated_at: since};

type Case = {
	keys: readonly string[];
	list: TableName;
	rows: readonly object[];
	verb: string;
	routes: readonly string[];
	question: RegExp;
	word?: string;
};

const cases: Record<string, Case> = {
	invitations: {
		keys: ['4', 'i'],
		list: 'invitations',
		rows: ['ana', 'bob', 'cem'].map((name) => ({
			id: name,
			email: `${name}@acme.example`,
			role: 'viewer',
			created_at: since,
			expires_at: session.expires_at,
		})),
		verb: 'x',
		routes: ['withdrawInvitation', 'withdrawInvitation', 'withdrawInvitation'],
		question: /^Withdraw 3 invitations\?$/,
	},
	sessions: {
		keys: ['8', 'S'],
		list: 'sessions',
		rows: [
			{...session, id: 'here', current: true},
			{...session, id: 'there', current: false},
			{...session, id: 'elsewhere', current: false},
		],
		verb: 'x',
		routes: ['endSession', 'endSession'],
		question: /^End 2 sessions\?$/,
	},
	members: {
		keys: ['4'],
		list: 'members',
		rows: [
			{id: me.id, email: me.email, role: 'owner', created_at: since},
			...['ana', 'bob'].map((name) => ({
				id: name,
				email: `${name}@acme.example`,
				role: 'developer',
				created_at: since,
			})),
		],
		verb: 'x',
		routes: ['removeMember', 'removeMember'],
		question: /^Remove 2 members\?$/,
		word: 'remove 2',
	},
	sources: {
		keys: ['2'],
		list: 'sources',
		rows: ['a', 'b'].map((name) => ({...source, id: name, name})),
		verb: 'x',
		routes: ['deleteSource', 'deleteSource'],
		question: /^Delete 2 sources\?$/,
		word: 'delete 2',
	},
	deliveries: {
		keys: [':', ...'deliveries'.split(''), 'enter'],
		list: 'deliveries',
		rows: [delivery, {...delivery, id: 'b'}],
		verb: 'r',
		routes: ['replayDelivery', 'replayDelivery'],
		question: /^Send again 2 deliveries\?$/,
	},
};

function opened({keys, list, rows}: Case, who: Me = me, has?: readonly FullKey[]): Driven {
	const driven = loggedIn(has, who).press(...keys);
	return driven.send({
		type: 'loaded',
		answer: {list, items: rows} as never,
		partial: false,
		took: 1,
		epoch: driven.model.epoch,
	});
}

function agreedTo(driven: Driven, word: string | undefined): Extract<Effect, {do: 'changeRows'}> {
	driven.now += 300;
	if (word === undefined) driven.press('enter');
	else driven.write(word).press('enter');
	const sent = driven.effects.find((effect) => effect.do === 'changeRows');
	if (sent === undefined) throw new Error('nothing was sent');
	return sent;
}

for (const [name, one] of Object.entries(cases)) {
	test(`marked ${name} are changed together, after a question that says how many`, (t) => {
		const driven = opened(one).press('*', one.verb);
		const screen = top(driven.model);
		t.regex(screen.type === 'confirm' ? screen.question : screen.type, one.question);
		t.deepEqual(driven.effects, []);
		const sent = agreedTo(driven, one.word);
		t.deepEqual(
			sent.rows.map(({route}) => route),
			one.routes,
		);
		const [first, ...others] = sent.rows;
		if (first === undefined) return;
		driven.send({
			type: 'rowsChanged',
			of: sent,
			keysLeft: 0,
			outcomes: [
				{item: first, outcome: 'failed', detail: 'it is gone'},
				...others.map((item) => ({item, outcome: 'done' as const})),
			],
		});
		t.like(top(driven.model), {type: 'outcomes', done: sent.words.done});
		t.regex(driven.model.notice?.text ?? '', new RegExp(`${others.length} of ${sent.rows.length}`));
		const list = top(driven.press('enter').model);
		t.is(isTable(list) && list.marks.size, 0, 'the marks have done their duty');
	});

	test(`marked ${name} are left alone by a console that only reads`, (t) => {
		const driven = opened(one);
		driven.model = {...driven.model, readOnly: true};
		driven.press('*', one.verb);
		t.is(top(driven.model).type, one.list);
		t.deepEqual(driven.effects, []);
	});
}

const left = {...unused, id: 'a', creator: {type: 'user', id: 'ana', name: 'ana'}} as const;

test('the question about members says what each loses and leaves, and spares oneself', (t) => {
	const {members} = cases;
	if (members === undefined) return t.fail();
	const driven = opened(members, me, [
		left,
		{...left, id: 'b'},
		{...left, id: 'c', revoked_at: since},
	]);
	const screen = top(driven.press('*', 'x').model);
	const facts = screen.type === 'confirm' ? screen.facts.map(([text]) => text) : [];
	t.true(
		facts.includes('ana@acme.example: no longer developer; 2 keys keep working'),
		facts.join(),
	);
	t.true(facts.includes('bob@acme.example: no longer developer'), facts.join());
	t.true(facts.some((text) => text.startsWith('1 more marked: you')));
	const sent = agreedTo(driven, 'remove 2');
	const outcomes = sent.rows.map((item) => ({item, outcome: 'done' as const}));
	driven.send({type: 'rowsChanged', of: sent, outcomes, keysLeft: 2});
	t.regex(driven.model.notice?.text ?? '', /^Removed 2 members · 2 live keys they made go on/);
});

test('an admin removes no owners, whatever is marked', (t) => {
	const {members} = cases;
	if (members === undefined) return t.fail();
	const admin = {...me, id: 'ana', operator: false, role: 'admin'} as const;
	const driven = opened(members, admin).press('*', 'x');
	const sent = agreedTo(driven, 'remove 1');
	t.deepEqual(
		sent.rows.map(({id}) => id),
		['bob'],
	);
	const viewer = opened(members, {...admin, role: 'viewer'}).press('*', 'x');
	t.is(top(viewer.model).type, 'members');
	t.regex(viewer.model.notice?.text ?? '', /None of the marked rows can be removed/);
});

test('the session that one is in is spared, and the question says so', (t) => {
	const {sessions} = cases;
	if (sessions === undefined) return;
	const driven = opened(sessions).press('*', 'x');
	const screen = top(driven.model);
	const facts = screen.type === 'confirm' ? screen.facts.map(([text]) => text) : [];
	t.true(facts.some((text) => text.startsWith('1 more marked: the one you are in')));
	driven.now += 300;
	driven.press('escape', 'u', ' ', 'x');
	t.regex(driven.model.notice?.text ?? '', /None of the marked rows can be ended/);
});

test('of several, what is refused alone goes on with the rest, and what concerns all stops', async (t) => {
	const refused = new Failure('refused', 'Not found', {status: 404});
	const tried: string[] = [];
	const outcomes = await askEach(
		['a', 'b', 'c'],
		(item) => (item === 'b' ? Promise.reject(refused) : Promise.resolve()),
		(item) => tried.push(item),
	);
	t.deepEqual(tried, ['a', 'b', 'c']);
	t.deepEqual(
		outcomes.map(({outcome}) => outcome),
		['done', 'failed', 'done'],
	);
	const ended = new Failure('signed_out', 'The session has ended');
	const all = Array.from({length: 20}, (_, index) => index);
	const after = await askEach(
		all,
		() => Promise.reject(ended),
		() => {},
	);
	t.true(after.some(({outcome}) => outcome === 'not tried'));
});

test('d suspends the keys that are marked, and not the one under the cursor alone', (t) => {
	const driven = loggedIn().press('*', 'd');
	const screen = top(driven.model);
	t.like(screen, {type: 'cleanUp', verb: 'suspend', reload: 'keys'});
	t.is(screen.type === 'cleanUp' && screen.keys.length, 2);
});
