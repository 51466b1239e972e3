import {inspect} from 'node:util';
import test from 'ava';
import {PastedKey, pastedKey, prefixesOf} from '../../tui/api-keys/pasted.ts';
import {recogniseKey} from '../../tui/api-keys/recognise.ts';
import {top} from '../../tui/app/navigation.ts';
import {isTable} from '../../tui/app/screens.ts';
import type {Client} from '../../tui/client/client.ts';
import {Failure} from '../../tui/failure.ts';
import {glyphsFor} from '../../tui/glyphs.ts';
import {leakedLines} from '../../tui/screens/keys/leaked/lines.ts';
import {away, detail, type Driven, loggedIn, me, organisation, unused, used} from './driven.ts';

/*
A leaked key: pasted or typed where names are looked for, it is masked at once and recognised.
*/

const rest = 'Zk3r9mQ7vX2cB5nL8pT1wY4sD6fG0hJaEuIoRtKqWzNbgoDH'.slice(0, 43);
const secret = `P8T34n${rest}`;
const whole = `hklst_${secret}`;
const glyphs = glyphsFor({});
const size = {columns: 76, rows: 14};

function said({model}: Driven): string {
	const screen = top(model);
	if (screen.type !== 'leakedKey') return screen.type;
	return leakedLines(screen, model, glyphs, size)
		.map((parts) => parts.map(([text]) => text).join(''))
		.join('\n');
}

/** Whatever of the secret can be seen in a value, as text, as JSON or in a log. */
function leaks(value: unknown): boolean {
	const texts = [
		JSON.stringify(value),
		inspect(value, {depth: 20, showHidden: false}),
		String(value),
	];
	return texts.some((text) => text.includes(rest.slice(0, 8)) || text.includes(rest.slice(-12)));
}

test('a key is found in whatever surrounds it, and what lists show of it is no secret', (t) => {
	t.is(whole.length, 55);
	for (const text of [whole, ` ${whole}\n`, `Authorization: Bearer ${whole}`, `KEY="${whole}"`]) {
		t.is(pastedKey(text, [])?.reveal(), whole, text);
	}
	t.is(pastedKey(whole.replace('hklst_', 'acme_'), [])?.hint, 'acme_P8T34n');
	for (const text of ['', 'billing-prod', 'hklst_P8T34n', 'billing_production_eu', `${whole}x`]) {
		t.is(pastedKey(text, []), undefined, text);
	}
	t.false(pastedKey('hklst_P8T34nZ', prefixesOf([]))?.isWhole);
	t.deepEqual(prefixesOf([unused, {hint: 'acme_P8T34n'}]), ['hklst_', 'acme_']);
});

test('nothing that writes a key down gets more than its mask', (t) => {
	const key = new PastedKey('hklst_', secret);
	t.is(key.masked('•'), `hklst_P8T34n${'•'.repeat(39)}${whole.slice(-4)}`);
	t.false(leaks({key}));
	t.false(leaks(key));
});

for (const [where, keys] of Object.entries({
	'a filter': ['/'],
	'the palette': [':'],
	'a screen that takes no text': [],
	'the filter of another list': ['4', '/'],
	'the page of health': ['7'],
})) {
	test(`pasted into ${where}, a key is masked, asked about, and kept nowhere`, (t) => {
		const driven = loggedIn().press(...keys);
		driven.send({type: 'paste', text: `${whole}\n`});
		t.is(top(driven.model).type, 'leakedKey');
		const asked = driven.effects.find((effect) => effect.do === 'recogniseKey');
		t.is(asked?.secret.reveal(), whole);
		t.false(leaks(driven.model));
		t.false(leaks(driven.effects));
		const told = {kind: 'unknown', asked: 1, unasked: 0} as const;
		if (asked === undefined) return;
		driven.send({type: 'keyRecognised', secret: asked.secret, told, epoch: driven.model.epoch});
		const screen = top(driven.model);
		t.is(screen.type === 'leakedKey' ? screen.secret : 'another screen', undefined);
		t.regex(said(driven), /None of your organisations has this key/);
	});
}

test('a key that is typed is masked from where it is secret, and asked about with its last character', (t) => {
	const driven = loggedIn().press('/');
	driven.write('hklst_P8T34n');
	t.true(isTable(top(driven.model)), 'lists show as much');
	driven.write(rest.slice(0, -1));
	t.is(top(driven.model).type, 'leakedKey');
	t.false(leaks(driven.model));
	t.regex(said(driven), /54 of 55 characters/);
	driven.press('backspace').write(rest.slice(-2));
	t.like(driven.effects, [{do: 'recogniseKey'}]);
	// What follows it, as the rest of a line, does nothing.
	driven.write(' xyd').press('enter');
	t.is(top(driven.model).type, 'leakedKey');
	t.deepEqual(driven.effects, []);
});

function recognised(code = 'VALID', place = organisation, who = me): Driven {
	const driven = loggedIn([unused, used], who);
	driven.send({type: 'paste', text: whole});
	const asked = driven.effects.find((effect) => effect.do === 'recogniseKey');
	if (asked === undefined) throw new Error('nothing was asked');
	const told = {kind: 'known', id: used.id, name: used.name, code, place} as const;
	return driven.send({
		type: 'keyRecognised',
		secret: asked.secret,
		told: told as never,
		epoch: driven.model.epoch,
	});
}

test('a key of this organisation says what it is, who made it and from where it is used, and leads to the ways out', (t) => {
	const driven = recognised();
	t.deepEqual(
		driven.effects.map((effect) => effect.do),
		['readKey', 'readKeyUsage'],
	);
	t.regex(said(driven), /This is one of your keys, and it works\./);
	const {epoch} = driven.model;
	const at = '2026-03-12T11:00:00Z';
	driven.send(
		{type: 'keyRead', id: used.id, use: {detail, hours: [], days: []}, epoch},
		{
			type: 'keyUsageRead',
			id: used.id,
			took: 1,
			epoch,
			read: {
				range: 'week',
				byOutcome: {from: at, to: at, step: 'day', group_by: 'outcome', series: [], other: null},
				byAddress: {
					from: at,
					to: at,
					step: 'day',
					group_by: 'address',
					series: [
						{group: '10.4.3.9', name: null, total: 401_220, refused: 0, points: []},
						{group: '185.220.101.4', name: null, total: 15, refused: 15, points: []},
					],
					other: null,
				},
				clients: [
					{
						address: '185.220.101.4',
						user_agent: null,
						first_seen_at: at,
						last_seen_at: at,
						count: 15,
						refused: 15,
					},
				],
			},
		},
	);
	t.regex(said(driven), /Made .*by ana@acme\.example/);
	t.regex(said(driven), /Last used +\S+ ago, from 10\.20\.0\.7, by ingest\/2\.1/);
	t.regex(said(driven), /10\.4\.3\.9 +401,220 +0/);
	t.regex(said(driven), /185\.220\.101\.4 +0 +15 +1h ago +new/);
	t.is(top(driven.press('enter').model).type, 'choice', 'the first way out is to rotate it');
	t.is(top(driven.press('escape', 'x').model).type, 'confirm');
	driven.now += 300;
	t.is(top(driven.press('escape').model).type, 'leakedKey');
	t.like(top(driven.press('a').model), {type: 'audit', scope: {target: used.id, name: used.name}});
	t.is(top(driven.press('escape').model).type, 'leakedKey');
	// Under it is the list, narrowed to how the key begins.
	const under = top(driven.press('escape').model);
	t.is(isTable(under) && under.filter.applied, 'hklst_P8T34n');
});

test('what the server says of a key that does not work is told', (t) => {
	t.regex(said(recognised('IP_DENIED')), /it works from the networks it is bound\s+to/);
	const driven = recognised('REVOKED');
	const revoked = {...used, revoked_at: '2026-03-11T00:00:00Z', status: 'revoked'} as const;
	driven.send({
		type: 'loaded',
		answer: {list: 'keys', items: [unused, revoked]},
		partial: false,
		took: 1,
		epoch: driven.model.epoch,
	});
	t.regex(said(driven), /It is revoked, and cannot be used/);
});

test('a key of another organisation says so, and enter goes there', (t) => {
	const other = {...organisation, id: '88888888-8888-4888-8888-888888888888', name: 'acme-eu'};
	const driven = recognised('SUSPENDED', other);
	t.regex(said(driven), /This is a key of acme-eu, which is another organisation of yours/);
	t.regex(said(driven), /It would be refused: suspended/);
	driven.send({
		type: 'loaded',
		answer: {list: 'organisations', items: [organisation, other]},
		partial: false,
		took: 1,
		epoch: driven.model.epoch,
	});
	driven.press('enter');
	t.is(driven.model.organisation?.id, other.id);
	t.is(top(driven.model).type, 'leakedKey');
	t.true(driven.effects.some((effect) => effect.do === 'readKey'));
});

test('without an answer it says what its beginning tells, and asks again', (t) => {
	const like = {...unused, hint: 'hklst_P8T34n', name: 'billing-prod'};
	const driven = loggedIn([like, used]).send({type: 'paste', text: whole});
	const [asked] = driven.effects.filter((effect) => effect.do === 'recogniseKey');
	driven.fails(new Failure('refused', 'Your role may not check keys', {status: 403}), asked);
	t.regex(said(driven), /could not be looked up/);
	t.regex(said(driven), /Going by its beginning it could be this[\s\S]*billing-prod/);
	t.like(driven.press('enter').effects, [{do: 'recogniseKey'}]);
	driven.fails(away);
	t.is(driven.model.link.state, 'offline');
	t.false(leaks(driven.model));
});

test('it is asked of one organisation after the other, and those that may not be asked are counted', async (t) => {
	const asked: string[] = [];
	const client = {
		call: (_route: string, {organisation: id = ''}: {organisation?: string}) => {
			asked.push(id);
			if (id === 'shut') throw new Failure('refused', 'No', {status: 403});
			const isIts = id === 'its';
			const body = isIts
				? {valid: true, code: 'VALID', key_id: used.id, name: 'billing'}
				: {valid: false, code: 'NOT_FOUND', key_id: null, name: null};
			return Promise.resolve({body});
		},
	} as unknown as Client;
	const key = new PastedKey('hklst_', secret);
	const places = (...ids: string[]) => ids.map((id) => ({id, name: id}));
	t.like(await recogniseKey(client, key, places('here', 'shut', 'its')), {
		kind: 'known',
		place: {id: 'its'},
	});
	t.deepEqual(asked, ['here', 'shut', 'its']);
	t.deepEqual(await recogniseKey(client, key, places('here', 'shut')), {
		kind: 'unknown',
		asked: 1,
		unasked: 1,
	});
	await t.throwsAsync(recogniseKey(client, key, places('shut')), {message: 'No'});
});
