import test from 'ava';
import type {AuditEntry} from '../../contract/audit-trail.ts';
import {checkNames} from '../../contract/outcomes.ts';
import type {ExplainedCheck, KeyExplanation} from '../../contract/verification.ts';
import {bodyRows, top} from '../../tui/app/navigation.ts';
import {valuesOf} from '../../tui/components/form/state.ts';
import {Failure} from '../../tui/failure.ts';
import {keyOfEntry} from '../../tui/screens/audit/list/explain.ts';
import {explainLayout, explainLines} from '../../tui/screens/keys/explain/lines.ts';
import type {ExplainScreen} from '../../tui/screens/keys/explain/screen.ts';
import {width} from '../../tui/text/width.ts';
import {away, ended, loggedIn, me, unused, used, type Driven} from './driven.ts';

/* Whether a use of a key would be accepted: what is asked, and how the answer is told. */

const signs = {mark: '+', bars: '_.:-=+*#'};

function steps(failing: Partial<Record<ExplainedCheck['check'], string>>): ExplainedCheck[] {
	return checkNames.map((check) => {
		const detail = failing[check];
		if (detail !== undefined) return {check, outcome: 'fail', detail};
		if (check === 'scopes') return {check, outcome: 'skipped', detail: 'none were asked for'};
		return {check, outcome: 'pass', detail: check === 'expiry' ? '2026-04-01T00:00:00Z' : null};
	});
}

const accepted: KeyExplanation = {
	valid: true,
	code: 'VALID',
	key_id: used.id,
	name: used.name,
	organization_id: '11111111-1111-4111-8111-111111111111',
	expires_at: null,
	status: 'active',
	lineage_id: used.id,
	owner: null,
	scopes: null,
	roles: [],
	tags: [],
	metadata: {},
	not_before: null,
	rotation: null,
	rate_limits: [],
	quotas: [],
	missing_scopes: null,
	request_id: 'req',
	decided_at: '2026-03-12T12:00:00Z',
	source: 'database',
	limits_source: null,
	checks: steps({}),
};

const denied: KeyExplanation = {
	...accepted,
	valid: false,
	code: 'IP_DENIED',
	checks: steps({address: '192.0.2.1 is in none of ip_allow'}),
};

function shown(driven: Driven): ExplainScreen {
	const screen = top(driven.model);
	if (screen.type !== 'explain') throw new Error(`not explain but ${screen.type}`);
	return screen;
}

/** The question that the last event sent. */
function asked({effects}: Driven) {
	const effect = effects.find((each) => each.do === 'explainKey');
	return effect?.do === 'explainKey' ? effect : undefined;
}

function answer(driven: Driven, explanation: KeyExplanation = accepted): Driven {
	const {asking: use = {}, id} = shown(driven);
	return driven.send({type: 'keyExplained', id, use, explanation, epoch: driven.model.epoch});
}

/** What stands below the fields, without empty lines. */
const textOf = (driven: Driven): string[] =>
	explainLines(shown(driven), driven.model, signs)
		.map((parts) =>
			parts
				.map(([text]) => text)
				.join('')
				.trimEnd(),
		)
		.filter((line) => line !== '');

const open = (who = me) => loggedIn([used, unused], who).press('v');

test('v asks at once, and enter asks again with what is in the fields, which stay for the next key', (t) => {
	const driven = open();
	t.like(asked(driven), {id: used.id, use: {ip: '', scopes: '', method: ''}});
	t.deepEqual(textOf(driven), ['Asking …']);
	driven.press('enter');
	t.is(asked(driven), undefined, 'not again before there is an answer');
	answer(driven).write('192.0.2.1').press('tab').write('orders.read').press('enter');
	t.like(asked(driven), {use: {ip: '192.0.2.1', scopes: 'orders.read', method: ''}});
	answer(driven, denied).press('escape');
	t.is(top(driven.model).type, 'keys');
	driven.press('j', 'enter', 'v');
	t.like(asked(driven), {id: unused.id, use: {ip: '192.0.2.1', scopes: 'orders.read'}});
	driven.press('escape');
	t.is(top(driven.model).type, 'key', 'back where one came from');
});

test('the verdict, its status and every step are told by word and sign', (t) => {
	const driven = answer(open(), denied);
	t.deepEqual(textOf(driven), [
		'x It would be refused: address (IP_DENIED).',
		'  Whoever uses it gets 403: This key may not be used from this address.',
		'+ pass     form of a key',
		'+ pass     known key',
		'+ pass     revocation',
		'+ pass     suspension',
		'+ pass     beginning',
		'+ pass     expiry         2026-04-01 00:00:00 UTC, in 20d',
		'+ pass     rotation',
		'+ pass     plan',
		'x fail     address        192.0.2.1 is in none of ip_allow',
		'- skipped  scopes         none were asked for',
		'+ pass     rate limits',
		'+ pass     quota',
	]);
	t.is(explainLayout(shown(driven), driven.model).lastOffset, 0, 'all of it fits 80 by 24');
	answer(driven.press('enter'), accepted);
	t.is(textOf(driven)[0], '+ It would be accepted.');
});

test('what its limits have left is told below, and reached by pages where it does not fit', (t) => {
	const driven = answer(open(), {
		...denied,
		quotas: [
			{
				name: 'quota',
				used: 50,
				limit: 50,
				remaining: 0,
				resets_at: null,
				period: 'total',
				exceeded: true,
			},
		],
		limits_source: 'redis',
	});
	t.true(textOf(driven).some((line) => line.includes('! 0 of 50 left, 100% used')));
	for (const size of [
		{columns: 60, rows: 16},
		{columns: 80, rows: 24},
		{columns: 200, rows: 60},
	]) {
		driven.send({type: 'resized', ...size});
		const {room, lastOffset} = explainLayout(shown(driven), driven.model);
		t.true(room + 5 <= bodyRows(driven.model));
		t.true(textOf(driven).every((line) => width(line) <= size.columns - 1));
		driven.press('pagedown', 'pagedown', 'pagedown');
		t.is(shown(driven).offset, lastOffset);
		driven.press('pageup', 'pageup', 'pageup');
		t.is(shown(driven).offset, 0);
	}
});

test('what was typed since is not what the answer is about', (t) => {
	const driven = answer(open());
	driven.write('1');
	t.is(textOf(driven)[0], 'Press enter to ask about this; the answer below is an earlier one.');
	driven.press('enter');
	t.is(asked(driven), undefined);
	t.regex(shown(driven).form.fields[0]?.problem ?? '', /^ip must be an address/);
	driven.press('ctrl-u', 'enter');
	t.like(asked(driven), {use: {ip: ''}});
	driven.send({type: 'paste', text: '10.0.0.1'});
	answer(driven);
	t.is(valuesOf(shown(driven).form)['ip'], '10.0.0.1', 'typing goes on meanwhile');
});

test('what the server has against it is told in the place, and enter tries again', (t) => {
	const driven = answer(open()).press('enter');
	driven.fails(new Failure('refused', 'scopes must name scopes', {status: 400, field: 'scopes'}));
	t.is(shown(driven).form.fields[1]?.problem, 'scopes must name scopes');
	driven.press('enter').fails(away);
	t.is(driven.model.link.state, 'offline');
	t.regex(textOf(driven).join(' '), /! Could not ask: Cannot reach the server.*an earlier one/);
	t.true(textOf(driven).includes('+ It would be accepted.'), 'what was read stays');
	answer(driven.press('enter'));
	t.is(driven.model.link.state, 'online');
	t.notRegex(textOf(driven).join(' '), /Could not ask/);

	driven.press('enter').fails(new Failure('refused', 'API key not found', {status: 404}));
	t.regex(textOf(driven).join(' '), /! Could not ask: API key not found\. It was deleted/);
	t.false(textOf(driven).join(' ').includes('accepted'), 'what was said before holds no more');

	answer(driven.press('enter')).press('enter').fails(ended);
	t.is(top(driven.model).type, 'logIn');
});

test('an answer about another key, another question or another organisation changes nothing', (t) => {
	const driven = open();
	const before = shown(driven);
	const {epoch} = driven.model;
	const use = before.asking ?? {};
	const event = {type: 'keyExplained', id: used.id, use, explanation: accepted, epoch} as const;
	driven.send(
		{...event, id: unused.id},
		{...event, use: {...use, ip: '10.0.0.1'}},
		{...event, epoch: epoch - 1},
	);
	t.is(shown(driven), before);
});

test('while the server is away, and without the right, nothing is opened', (t) => {
	const verifier = {...me, operator: false, role: 'verifier'} as const;
	t.is(open(verifier).model.notice?.text, 'Your role may not look at keys');
	const offline = loggedIn().press('R').fails(away).press('v');
	t.is(offline.model.notice?.text, 'Server unreachable: nothing can be asked');
	t.is(top(offline.model).type, 'keys');
});

const entry: AuditEntry = {
	sequence: 9,
	recorded_at: '2026-03-12T11:00:00.000000Z',
	action: 'key.revoked',
	outcome: 'success',
	actor: {type: 'user', id: me.id, name: me.email},
	target: {type: 'api_key', id: used.id, name: used.name},
	address: '10.9.8.7',
	request_id: null,
	details: null,
	hash: '',
};

test('an entry of the audit trail leads to its key, with the address that the key was used from', (t) => {
	const {id, name} = used;
	const key = {type: 'api_key', id, name};
	t.deepEqual(keyOfEntry('audit', entry), {id, name}, 'not the address of who revoked it');
	const byKey = {...entry, action: 'authorization.denied', actor: key, target: {type: 'route'}};
	t.deepEqual(keyOfEntry('audit', byKey), {id, name, address: '10.9.8.7'});
	const denial = {...entry, action: 'key.ip_denied'};
	t.deepEqual(keyOfEntry('audit', denial), {id, name, address: '10.9.8.7'});
	t.deepEqual(keyOfEntry('audit', {...denial, address: null}), {id, name});
	const first = {...entry, action: 'key.first_used', address: null};
	t.deepEqual(keyOfEntry('audit', {...first, details: {hint: '', address: '10.9.8.7'}}), {
		id,
		name,
		address: '10.9.8.7',
	});
	t.deepEqual(keyOfEntry('audit', {...first, details: {hint: '', address: null}}), {id, name});
	t.is(keyOfEntry('applianceAudit', denial), undefined, 'keys are of organisations');
	t.is(keyOfEntry('audit', {...entry, target: {type: 'webhook', id}}), undefined);

	const driven = loggedIn().press('5');
	const items = [{...byKey, id: '9'}];
	driven.send({
		type: 'loaded',
		answer: {list: 'audit', items},
		page: {place: 'top'},
		partial: false,
		took: 1,
		epoch: driven.model.epoch,
	});
	driven.press('v');
	t.like(asked(driven), {id, use: {ip: '10.9.8.7'}});
	driven.press('escape', 'enter', 'v');
	t.like(asked(driven), {id, use: {ip: '10.9.8.7'}});
	driven.press('escape');
	t.is(top(driven.model).type, 'auditEntry');
});
