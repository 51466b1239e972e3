import {allTerms} from '../../contract/key-terms.ts';
import test from 'ava';
import {asMade, type FullKey} from '../../contract/keys.ts';
import {parseKeyFilter} from '../../tui/api-keys/filter.ts';
import {sortKeys} from '../../tui/api-keys/order.ts';
import type {SortValue} from '../../tui/components/table/columns.ts';
import {sortLetters, sortRows} from '../../tui/components/table/order.ts';
import {inUse} from '../../tui/api-keys/in-use.ts';
import {stateOf} from '../../tui/api-keys/state.ts';
import {confirmation} from '../../tui/text/confirmation.ts';
import {isTable} from '../../tui/app/screens.ts';
import {push, top} from '../../tui/app/navigation.ts';
import {revokeEach} from '../../tui/api-keys/change-each.ts';
import type {Client} from '../../tui/client/client.ts';
import {Failure} from '../../tui/failure.ts';
import {kindOf, kinds} from '../../tui/app/kinds.ts';
import {newListScreen} from '../../tui/screens/kinds/list/open.ts';
import {lists, type TableName} from '../../tui/app/lists.ts';
import type {TableScreen} from '../../tui/screens/kinds/list/screen.ts';
import {loggedIn} from './driven.ts';

const now = Date.parse('2026-03-12T12:00:00Z');

function key(name: string, members: Partial<FullKey> = {}): FullKey {
	const id = `00000000-0000-4000-8000-${name.padStart(12, '0').slice(-12)}`;
	return {
		id,
		lineage_id: id,
		name,
		created_at: '2026-01-01T00:00:00Z',
		last_used_at: null,
		revoked_at: null,
		hint: 'hklst_abcdef',
		...asMade,
		...allTerms({}),
		...members,
	};
}

const keys = [
	key('ingest-prod', {last_used_at: '2026-03-12T11:00:00Z', hint: 'hklst_P8T34n'}),
	key('Ingest EU', {created_at: '2026-03-12T00:00:00Z'}),
	key('old', {last_used_at: '2025-12-01T00:00:00Z', revoked_at: '2026-03-11T00:00:00Z'}),
	key('unused'),
	key('ended', {expires_at: '2026-03-12T11:59:59Z'}),
	key('ending', {expires_at: '2026-03-14T12:00:00Z'}),
	key('later', {expires_at: '2026-09-01T00:00:00Z', created_at: '2026-03-11T00:00:00Z'}),
];

function matching(filter: string): string[] {
	return keys.filter(parseKeyFilter(filter, now).test).map(({name}) => name);
}

test('a filter is words and fields, all of which must hold', (t) => {
	t.is(matching('').length, keys.length);
	t.deepEqual(matching('ingest'), ['ingest-prod', 'Ingest EU']);
	t.deepEqual(matching('ingest eu'), ['Ingest EU']);
	t.deepEqual(matching('"ingest eu"'), ['Ingest EU']);
	t.deepEqual(matching('hklst_P8T'), ['ingest-prod']);
	t.deepEqual(matching('prefix:hklst_p8t3'), ['ingest-prod']);
	t.deepEqual(matching('prefix:P8T34n'), []);
	t.is(matching('!prefix:hklst_P8T').length, keys.length - 1);
	t.deepEqual(matching('status:revoked'), ['old']);
	t.deepEqual(matching('used:<1d'), ['ingest-prod']);
	t.deepEqual(matching('used:never ingest'), ['Ingest EU']);
	t.deepEqual(matching('created:<7d'), ['Ingest EU', 'later']);
});

test('a key that was never used is unused since it was made, not since ever', (t) => {
	// Neither `Ingest EU`, made today, nor `later`, made yesterday: their first use may be tonight.
	t.deepEqual(matching('used:>30d'), ['old', 'unused', 'ended', 'ending']);
	t.deepEqual(matching('status:active used:>30d'), ['unused', 'ending']);
	t.deepEqual(
		matching('used:>1h'),
		keys.map(({name}) => name).filter((name) => name !== 'ingest-prod'),
	);
});

test('a key is in one state, for the filter as for the list: an expired one is not active', (t) => {
	t.deepEqual(
		keys.map((each) => stateOf(each, now)),
		['active', 'active', 'revoked', 'active', 'expired', 'expiring', 'active'],
	);
	t.deepEqual(matching('status:expired'), ['ended']);
	t.deepEqual(matching('status:expiring'), ['ending']);
	t.deepEqual(matching('status:act'), ['ingest-prod', 'Ingest EU', 'unused', 'ending', 'later']);
	t.deepEqual(matching('STATUS:Expir'), ['ended', 'ending']);
	t.deepEqual(matching('expires:<7d'), ['ending']);
	t.deepEqual(matching('expires:>30d'), ['later']);
	t.is(matching('expires:never').length, 4);
});

test('behind ! a word or a field asks for the others', (t) => {
	t.deepEqual(matching('ingest !prod'), ['Ingest EU']);
	t.deepEqual(matching('!"ingest eu" ingest'), ['ingest-prod']);
	t.deepEqual(matching('!status:active'), ['old', 'ended']);
	t.deepEqual(matching('!status:active !expires:never'), ['ended']);
	t.deepEqual(
		matching('!"status:active" ingest'),
		['ingest-prod', 'Ingest EU'],
		'a word in quotes',
	);
	t.is(parseKeyFilter('!status:active', now).problem, undefined);
});

test('keys are found by how long nobody has used them', (t) => {
	t.deepEqual(matching('idle:90d'), ['old']);
	t.deepEqual(matching('idle:30d !status:revoked'), ['unused', 'ended', 'ending']);
});

test('keys are found by what they may be used for, and from where', (t) => {
	const restricted = [
		key('free'),
		key('nothing', {scopes: []}),
		key('orders', {scopes: ['orders.*']}),
		key('read', {scopes: ['orders.read', 'eu'], ip_allow: ['10.20.0.0/16', '2001:db8::/32']}),
		key('elsewhere', {scopes: ['*'], ip_deny: ['10.20.3.0/24']}),
		key('by role', {roles: ['billing']}),
		key('strange', {scopes: ['eu'], ip_allow: ['of a newer server']}),
	];
	const found = (filter: string) =>
		restricted.filter(parseKeyFilter(filter, now).test).map(({name}) => name);
	t.deepEqual(found('scope:orders.read'), ['free', 'orders', 'read', 'elsewhere']);
	t.deepEqual(found('scope:orders.write'), ['free', 'orders', 'elsewhere']);
	t.deepEqual(found('scope:orders.*'), ['free', 'orders', 'elsewhere']);
	t.deepEqual(found('scope:none'), ['nothing']);
	t.deepEqual(found('!scope:eu'), ['nothing', 'orders', 'by role']);
	t.deepEqual(found('role:billing'), ['by role']);
	t.deepEqual(found('scope:eu role:none'), ['free', 'read', 'elsewhere', 'strange']);
	t.deepEqual(found('ip:10.20.3.4'), ['free', 'nothing', 'orders', 'read', 'by role']);
	t.deepEqual(found('ip:2001:db8::7 scope:eu'), ['free', 'read', 'elsewhere']);
	t.deepEqual(found('!ip:10.20.4.4'), ['strange']);
});

test('keys are found by their tags and by whom they belong to', (t) => {
	const labelled = [
		key('plain'),
		key('tagged', {tags: ['env:prod', 'EU']}),
		key('owned', {owner: {type: 'team', id: 'Payments'}, tags: ['eu']}),
	];
	const found = (filter: string) =>
		labelled.filter(parseKeyFilter(filter, now).test).map(({name}) => name);
	t.deepEqual(found('tag:eu'), ['tagged', 'owned']);
	t.deepEqual(found('tag:env:prod'), ['tagged']);
	t.deepEqual(found('tag:env'), [], 'a part of a tag is not the tag');
	t.deepEqual(found('tag:none'), ['plain']);
	t.deepEqual(found('owner:payments'), ['owned']);
	t.deepEqual(found('owner:team/payments !tag:env:prod'), ['owned']);
	t.deepEqual(found('!owner:none'), ['owned']);
	t.is(parseKeyFilter('tag:', now).problem, 'tag: takes a tag, or none');
	t.is(parseKeyFilter('owner:', now).problem, 'owner: takes team/payments, payments or none');
});

test('keys are found by who made them, also by somebody who left', (t) => {
	const maker = (type: 'user' | 'service_account', name: string) =>
		({type, id: '99999999-9999-4999-8999-999999999999', name}) as const;
	const made = [
		key('of nobody'),
		key('of ana', {creator: maker('user', 'ana@example.com')}),
		key('of a bot', {creator: {...maker('service_account', 'CI bot'), id: null}}),
	];
	const found = (filter: string) =>
		made.filter(parseKeyFilter(filter, now).test).map(({name}) => name);
	t.deepEqual(found('by:Ana@example.com'), ['of ana']);
	t.deepEqual(found('by:ana'), ['of ana'], 'a part will do');
	t.deepEqual(found('by:99999999-9999-4999-8999-999999999999'), ['of ana']);
	t.deepEqual(found('by:"ci bot"'), ['of a bot']);
	t.deepEqual(found('!by:ana'), ['of nobody', 'of a bot']);
	t.deepEqual(found('by:none'), ['of nobody']);
	t.deepEqual(found('by:somebody'), []);
	t.is(
		parseKeyFilter('by:', now).problem,
		'by: takes an email, a name, a part of either, an id, or none',
	);
});

test('what has the form of a field and is none is refused, and told with what there is', (t) => {
	const takes = 'active, expiring, rotating, scheduled, suspended, expired, rotated or revoked';
	const fields = 'status: used: idle: created: expires: by: scope: role: tag: owner: prefix: ip:';
	for (const [filter, problem] of [
		['ingest used:', 'used: takes never, <7d or >30d'],
		['ingest used:>3', 'used:>3: takes never, <7d or >30d'],
		['ingest status:x', `status:x: takes ${takes}`],
		['ingest status:', `status: takes ${takes}`],
		['ingest created:7d', 'created:7d: takes <7d or >30d'],
		['ingest expires:7d', 'expires:7d: takes never, <7d or >30d'],
		['ingest idle:long', 'idle:long: takes 90d'],
		[
			'ingest scope:a**',
			'scope:a**: takes orders.read or orders.*; none finds keys that have no scope',
		],
		[
			'ingest ip:10.0.0.0/8',
			'ip:10.0.0.0/8: takes an address: 10.0.0.7 finds the keys that may be used from there',
		],
		['ingest !status:x', `!status:x: takes ${takes}`],
		['ingest !', '!: takes a word or a field behind it'],
		['ingest other:x', `other:x: no such filter, there are ${fields}`],
		['ingest constructor:x', `constructor:x: no such filter, there are ${fields}`],
	] as const) {
		t.is(parseKeyFilter(filter, now).problem, problem);
		// While it is typed, the words that can be read still filter.
		t.deepEqual(matching(filter), ['ingest-prod', 'Ingest EU'], filter);
	}
	t.is(parseKeyFilter('used:>30d', now).problem, undefined);
	t.is(parseKeyFilter('"other:x"', now).problem, undefined);
	t.is(parseKeyFilter('https://hooks.example.com', now).problem, undefined);
});

/** What a list says of a filter that is typed there. */
function problemOf(list: TableName, text: string): string | undefined {
	const {model} = loggedIn();
	const screen = newListScreen(model, list);
	const open = {...screen, filter: {...screen.filter, open: true}} as TableScreen;
	const [after] = kindOf(open).onPaste?.(push(model, open), open, text, now) ?? [model];
	const shown = top(after);
	return isTable(shown) && shown.filter.text.value === text ? shown.filter.problem : 'not typed';
}

test('every list refuses what looks like a filter and is none; in quotes it is a word', (t) => {
	const tables = Object.keys(kinds).filter((type): type is TableName => type in lists);
	t.true(tables.length >= 14);
	for (const list of tables) {
		t.regex(problemOf(list, 'ana statuss:x') ?? '', /^statuss:x: no such filter/, list);
		t.is(problemOf(list, 'ana "statuss:x"'), undefined, list);
	}
	t.is(problemOf('members', 'role:owner'), 'role:owner: no such filter, only words here');
});

test('keys are sorted by a column, those without a value last, and those alike stay as the server has them', (t) => {
	const names = (by: string, at = now) => sortKeys(keys, by, at).map(({name}) => name);
	t.is(sortKeys(keys, 'created', now), keys);
	t.deepEqual(names('name').slice(0, 4), ['ended', 'ending', 'Ingest EU', 'ingest-prod']);
	t.deepEqual(names('used').slice(0, 3), ['ingest-prod', 'old', 'Ingest EU']);
	t.deepEqual(names('expires').slice(0, 4), ['ended', 'ending', 'later', 'ingest-prod']);
	t.deepEqual(names('status').slice(-3), ['ending', 'ended', 'old']);
	// States change by themselves.
	t.deepEqual(names('status', now + 3 * 86_400_000).slice(-3), ['ended', 'ending', 'old']);
});

test('rows that are sorted the other way still have those without a value last, and numbers count as such', (t) => {
	const sorted = (values: readonly SortValue[], descending: boolean) =>
		sortRows(values, (value) => value, descending);
	t.deepEqual(sorted([null, 3, 1, null, 2], false), [1, 2, 3, null, null]);
	t.deepEqual(sorted([null, 3, 1, null, 2], true), [3, 2, 1, null, null]);
	t.deepEqual(sorted(['key-10', 'Key-9', 'a'], false), ['a', 'Key-9', 'key-10']);
});

test('each letter sorts by one column', (t) => {
	const column = (title: string, value?: () => SortValue) => ({
		title,
		cell: () => [''] as const,
		...(value === undefined ? {} : {value}),
	});
	const value = () => null;
	t.deepEqual(
		sortLetters([
			column('NAME', value),
			column('NOTE', value),
			column('  KEYS', value),
			column('ON'),
			column('NO', value),
		]),
		[
			['n', 'NAME'],
			['o', 'NOTE'],
			['k', '  KEYS'],
		],
	);
});

test('a key used within 30 days asks for its name, or the end of its id where that is hard to type', (t) => {
	t.true(inUse(key('a', {last_used_at: '2026-02-11T12:00:00Z'}), now));
	t.false(inUse(key('a', {last_used_at: '2026-02-10T11:00:00Z'}), now));
	t.false(inUse(key('a'), now));
	t.is(confirmation(key('ingest prod')), 'ingest prod');
	for (const name of ['数据', 'x'.repeat(41), ' padded', 'a\u0000b']) {
		t.is(confirmation(key(name)), key(name).id.slice(-4), name);
	}
});

test('several keys are revoked a few at a time: what is refused for one alone does not stop the rest', async (t) => {
	let inHand = 0;
	let most = 0;
	const clientOf = (failures: Readonly<Record<string, Failure>>) => {
		const call = async (_route: string, {key_id}: {key_id: string}) => {
			most = Math.max(most, ++inHand);
			// The later ones are answered first.
			await new Promise((resolve) => setTimeout(resolve, 20 - Number(key_id)));
			inHand--;
			if (failures[key_id] !== undefined) throw failures[key_id];
			return {headers: {'latchkey-revocation': `verifiers=3; ms=${key_id}`}};
		};
		return {call} as unknown as Client;
	};
	const ten = Array.from({length: 10}, (_, index) => ({id: String(index)}));
	const told: string[] = [];
	const gone = new Failure('refused', 'API key not found', {status: 404});
	const outcomes = await revokeEach(clientOf({1: gone}), 'org', ten, ({id}) => told.push(id));
	t.deepEqual(
		told,
		ten.map(({id}) => id),
		'told in the order they were given in',
	);
	t.deepEqual(
		outcomes.map(({outcome}) => outcome),
		ten.map(({id}) => (id === '1' ? 'failed' : 'revoked')),
	);
	t.is(outcomes[1]?.detail, 'API key not found');
	t.is(outcomes[1]?.revocation, undefined);
	t.is(outcomes[7]?.revocation, 'verifiers=3; ms=7');
	t.is(most, 5);

	for (const failure of [
		new Failure('signed_out', 'The session has ended'),
		new Failure('unreachable', 'Cannot reach the server'),
		new Failure('refused', 'Too many requests', {status: 429}),
		new Failure('refused', 'Unavailable', {status: 503}),
	]) {
		const stopped = await revokeEach(clientOf({0: failure, 4: failure}), 'org', ten, () => {});
		t.is(stopped[0]?.outcome, 'failed');
		t.is(stopped.at(-1)?.outcome, 'not tried', failure.message);
	}
});
