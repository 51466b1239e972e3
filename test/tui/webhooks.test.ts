import test from 'ava';
import type {Delivery, Endpoint, TestResult} from '../../contract/webhooks.ts';
import type {Effect} from '../../tui/app/effect.ts';
import {top} from '../../tui/app/navigation.ts';
import {Failure} from '../../tui/failure.ts';
import {parseDeliveryFilter} from '../../tui/screens/webhooks/deliveries/filter.ts';
import {curlOf} from '../../tui/screens/webhooks/send-test/curl.ts';
import {timingOf} from '../../tui/screens/webhooks/delivery/exchange.ts';
import {block} from '../../tui/text/block.ts';
import {away, loggedIn, looks, me, organisation, start, unused, type Driven} from './driven.ts';

const endpoint: Endpoint = {
	id: '88888888-8888-4888-8888-888888888888',
	url_shown: 'whole',
	url: 'https://hooks.acme.example/latchkey',
	description: null,
	event_types: null,
	custom_header_names: [],
	api_version: '2026-11-01',
	status: 'active',
	disabled_reason: null,
	disabled_at: null,
	created_at: '2026-03-01T00:00:00Z',
	updated_at: '2026-03-01T00:00:00Z',
	last_success_at: null,
	consecutive_failures: 0,
	failing_since: null,
	paused_until: null,
	secrets: [{created_at: '2026-03-01T00:00:00Z', expires_at: null}],
};
const disabled: Endpoint = {
	...endpoint,
	status: 'disabled',
	disabled_reason: 'request',
	disabled_at: '2026-03-12T11:00:00Z',
};
const delivery: Delivery = {
	id: '99999999-9999-4999-8999-999999999999',
	endpoint_id: endpoint.id,
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
	key: {id: '44444444-4444-4444-8444-444444444444', name: 'ingest-prod'},
};
const result: TestResult = {
	result: 'http',
	detail: null,
	address: '203.0.113.7',
	status_code: 503,
	timings: {dns: 1, connect: 4, tls: 9, first_byte: 20, total: 21.5},
	response_headers: {'content-type': 'text/plain'},
	response_body: 'down',
	request: {headers: {'webhook-id': 'msg_1'}, body: '{}', signed_text: 'msg_1.1.{}'},
};

function atWebhooks(item: Endpoint = endpoint, who = me): Driven {
	const driven = loggedIn([unused], who);
	driven.press('6');
	return driven.send({
		type: 'loaded',
		answer: {list: 'webhooks', items: [item]},
		partial: false,
		took: 1,
		epoch: 1,
	});
}

/** The page that was asked for last. */
function loads(driven: Driven, items: readonly Delivery[]) {
	const asked = driven.effects.find((effect) => effect.do === 'load');
	return driven.send({
		type: 'loaded',
		answer: {list: 'deliveries', items},
		query: asked?.query,
		page: {place: 'top'},
		partial: false,
		took: 1,
		epoch: 1,
	});
}

const atDeliveries = (item: Endpoint = endpoint, who = me) =>
	loads(atWebhooks(item, who).press('enter'), [delivery]);

/** The call that was asked for last, and what goes with it. */
function call(effect: Effect | undefined): {route: string; input: object} | undefined {
	return effect?.do === 'change' ? effect.change : undefined;
}

function formOf(driven: Driven) {
	const screen = top(driven.model);
	if (screen.type !== 'form') throw new Error(`no form but ${screen.type}`);
	return screen.form;
}

test('a new endpoint is checked as it is typed, and sent as the API takes it', (t) => {
	const driven = atWebhooks().press('n');
	driven.press('ctrl-u').write('ftp://x');
	t.regex(formOf(driven).fields[0]?.problem ?? '', /https:\/\//);
	driven.press('ctrl-u').write('https://hooks.acme.example/x');
	t.is(formOf(driven).fields[0]?.problem, undefined);
	driven.press('enter', 'enter').write('key.revoked, key.foo');
	t.is(formOf(driven).fields[2]?.problem, 'there is no event type key.foo');
	driven.press('enter');
	t.deepEqual(driven.effects, []);
	driven.press('ctrl-w').write('key.expired').press('enter');
	t.like(call(driven.effects[0]), {
		route: 'createWebhook',
		input: {
			org_id: organisation.id,
			body: {
				url: 'https://hooks.acme.example/x',
				description: null,
				event_types: ['key.revoked', 'key.expired'],
			},
		},
	});
});

test('a refused address is told under the URL, and what was typed stays', (t) => {
	const driven = atWebhooks().press('n').write('10.0.0.9').press('enter', 'enter', 'enter');
	const why = 'url: 10.0.0.9 is not a public address; LATCHKEY_… would allow it';
	driven.fails(new Failure('refused', why, {status: 400, field: 'url'}));
	t.is(formOf(driven).fields[0]?.problem, why);
	t.is(formOf(driven).fields[0]?.text.value, 'https://10.0.0.9');
	t.is(formOf(driven).focus, 0);
});

test('a signing secret is shown once and then nowhere', (t) => {
	const driven = atWebhooks().press('t', 'enter');
	t.like(call(driven.effects[0]), {
		route: 'rotateWebhookSecret',
		input: {webhook_id: endpoint.id, body: {grace_seconds: 86_400}},
	});
	const [effect] = driven.effects;
	if (effect?.do !== 'change') throw new Error('no change');
	const secret = 'whsec_c2VjcmV0c2VjcmV0QUJDRA==';
	driven.send({
		type: 'changed',
		change: effect.change,
		body: {secret, previous_expires_at: '2026-03-13T12:00:00Z'},
	});
	t.is(top(driven.model).type, 'reveal');
	driven.press('c');
	t.deepEqual(driven.effects, [{do: 'copy', text: secret}]);
	driven.press('enter').write(secret.slice(-4));
	t.is(top(driven.model).type, 'webhooks');
	t.false(JSON.stringify(driven.model).includes(secret));
});

test('while a replaced secret signs, it can be ended', (t) => {
	const offered = (driven: Driven) => {
		const screen = top(driven.press('t').model);
		return screen.type === 'choice' ? screen.options.map(({label}) => label) : [];
	};
	t.false(offered(atWebhooks()).includes('end the old one'));
	const replaced = {created_at: '2026-02-01T00:00:00Z', expires_at: '2026-03-13T00:00:00Z'};
	const rotating = atWebhooks({...endpoint, secrets: [...endpoint.secrets, replaced]});
	t.is(offered(rotating).at(-1), 'end the old one');
	rotating.press('k', 'j', 'j', 'j', 'j', 'enter');
	t.deepEqual(rotating.effects, [], 'what a receiver may not be ready for asks');
	rotating.wait(300).agree();
	t.is(call(rotating.effects[0])?.route, 'revokeWebhookSecrets');
});

test('Ctrl-C asks once while a new secret, which is shown once, is on its way', (t) => {
	const rotating = atWebhooks().press('t');
	t.is(rotating.press('enter').effects[0]?.do, 'change');
	t.deepEqual(rotating.press('ctrl-c').effects, []);
	t.regex(rotating.model.notice?.text ?? '', /^It was sent/);
	t.deepEqual(rotating.press('ctrl-c').effects, [{do: 'quit', status: 130}]);
	t.is(atWebhooks().press('t', 'ctrl-c').effects[0]?.do, 'quit');
});

test('a pasted address replaces the one that stands there, and one that begins twice is refused', (t) => {
	const driven = atWebhooks().press('n');
	const url = () => formOf(driven).fields[0];
	t.is(url()?.text.value, 'https://');
	driven.send({type: 'paste', text: ' https://hooks.acme.example/x\n'});
	t.is(url()?.text.value, 'https://hooks.acme.example/x');
	driven.send({type: 'paste', text: 'http://other.example/y'});
	t.is(url()?.text.value, 'http://other.example/y');
	driven.send({type: 'paste', text: '/z'});
	t.is(url()?.text.value, 'http://other.example/y/z', 'what is not an address goes in');
	for (const twice of ['https://https://a.example', 'https://http:/a', 'http://HTTP/']) {
		driven.press('ctrl-u').write(twice);
		t.is(url()?.problem, 'url begins with https:// or http:// twice', twice);
	}
	driven.press('enter').send({type: 'paste', text: 'a@b.example'}, {type: 'paste', text: 'and'});
	t.is(formOf(driven).fields[1]?.text.value, 'a@b.exampleand');
});

test('an edited endpoint keeps a URL that nobody changed out of the request', (t) => {
	const driven = atWebhooks().press('e', 'tab').write('ours').press('enter', 'enter');
	t.deepEqual(call(driven.effects[0])?.input, {
		org_id: organisation.id,
		webhook_id: endpoint.id,
		body: {description: 'ours', event_types: null},
	});
});

test('an endpoint is deleted by its host and enter', (t) => {
	const driven = atWebhooks().press('x');
	driven.now += 300;
	driven.press('y', 'enter');
	t.is(top(driven.model).type, 'confirm');
	t.deepEqual(driven.effects, []);
	driven.press('backspace').write('hooks.acme.example').press('enter');
	t.like(call(driven.effects[0]), {route: 'deleteWebhook', input: {webhook_id: endpoint.id}});
});

test('d disables after a y', (t) => {
	const driven = atWebhooks().press('d');
	driven.now += 300;
	driven.agree();
	t.like(call(driven.effects[0]), {route: 'updateWebhook', input: {body: {status: 'disabled'}}});
});

test('d on a disabled endpoint counts what it missed, and then asks', (t) => {
	const driven = atWebhooks(disabled).press('d');
	const replay = {which: 'missing', since: '2026-03-12T11:00:00Z'} as const;
	t.like(driven.effects[0], {do: 'countReplay', endpoint: endpoint.id, replay});
	driven.send({type: 'replayCounted', endpoint: endpoint.id, replay, count: 23});
	const screen = top(driven.model);
	t.regex((screen.type === 'choice' && screen.options[0]?.meaning) || '', /^23 events/);
	driven.press('enter');
	t.like(call(driven.effects[0]), {
		route: 'updateWebhook',
		input: {body: {status: 'active', replay_missed: true}},
	});
	const skipping = atWebhooks(disabled).press('d');
	skipping.send({type: 'replayCounted', endpoint: endpoint.id, replay, count: 23});
	skipping.press('j', 'enter');
	t.deepEqual(call(skipping.effects[0])?.input, {
		org_id: organisation.id,
		webhook_id: endpoint.id,
		body: {status: 'active'},
	});
});

test('a count that comes when one has gone elsewhere asks nothing; one that fails says why', (t) => {
	const replay = {which: 'missing', since: '2026-03-12T11:00:00Z'} as const;
	const gone = atWebhooks(disabled).press('d', 'enter');
	gone.send({type: 'replayCounted', endpoint: endpoint.id, replay, count: 23});
	t.is(top(gone.model).type, 'deliveries');
	const failing = atWebhooks(disabled).press('d');
	failing.fails(new Failure('refused', 'Webhook not found', {status: 404}));
	t.is(top(failing.model).type, 'webhooks');
	t.is(failing.model.notice?.text, 'Webhook not found');
});

test('a test is sent with the example that was chosen, and its result stands alone', (t) => {
	const driven = atWebhooks().press('T', 'j', 'enter');
	t.like(driven.effects[0], {do: 'testWebhook', eventType: 'key.created'});
	driven.send({type: 'webhookTested', endpoint, result});
	t.is(top(driven.model).type, 'webhookTest');
	driven.press('y');
	t.deepEqual(driven.effects, [{do: 'copy', text: 'msg_1.1.{}'}]);
	driven.press('c');
	t.like(driven.effects[0], {
		do: 'copy',
		text: "curl -sS 'https://hooks.acme.example/latchkey' -H 'webhook-id: msg_1' --data-binary '{}'",
	});
	driven.press('escape');
	t.is(top(driven.model).type, 'webhooks');
	const left = atWebhooks().press('T', 'enter');
	left.fails(away);
	left.press('escape').send({type: 'webhookTested', endpoint, result});
	t.is(top(left.model).type, 'webhooks', 'whoever left does not want it any more');
});

test('whoever may not manage endpoints is told, and nothing is begun', (t) => {
	for (const key of ['n', 'e', 'd', 'x', 't', 'T']) {
		const driven = atWebhooks(endpoint, {...me, operator: false, role: 'developer'}).press(key);
		t.is(top(driven.model).type, 'webhooks', key);
		t.deepEqual(driven.effects, [], key);
		t.is(driven.model.notice?.text, 'Only owners and admins manage webhooks', key);
	}
	const away_ = atWebhooks().press('R');
	away_.fails(away);
	away_.press('n');
	t.is(away_.model.notice?.text, 'Server unreachable: nothing can be changed');
	const reading = atWebhooks();
	reading.model = {...reading.model, readOnly: true};
	reading.press('d');
	t.regex(reading.model.notice?.text ?? '', /is read-only/);
});

test('deliveries are those of one endpoint, of all, and of what the filter says', (t) => {
	const driven = atWebhooks().press('enter');
	t.like(driven.effects[0], {do: 'load', list: 'deliveries', query: {endpoint_id: endpoint.id}});
	loads(driven, [delivery]).press('D');
	t.like(driven.effects[0], {query: {endpoint_id: endpoint.id, status: 'dead'}});
	loads(driven, []).press('D');
	t.deepEqual(driven.model.queries.deliveries, {endpoint_id: endpoint.id});
	loads(driven, [delivery]).press('/').write('status:d').press('enter');
	t.like(driven.effects[0], {query: {endpoint_id: endpoint.id, status: 'dead'}});
	const all = atWebhooks().press('A');
	t.is(all.effects[0]?.do === 'load' && all.effects[0].query, undefined);
});

test('a filter of deliveries takes what the server does, and names what it does not', (t) => {
	const read = (text: string) => parseDeliveryFilter(text, start);
	t.like(read('status:dead type:key.revoked since:1h'), {
		query: {status: 'dead', event_type: 'key.revoked', since: '2026-03-12T11:00:00.000Z'},
	});
	t.like(read('until:2026-03-01 msg_01'), {query: {until: '2026-03-01T00:00:00.000Z'}});
	const parsed = read('status:dead since:1h msg_0123');
	t.true('test' in parsed && parsed.test(delivery));
	t.false('test' in parsed && parsed.test({...delivery, status: 'pending'}));
	t.regex(JSON.stringify(read('status:s')), /takes pending/, 'succeeded or sending');
	t.regex(JSON.stringify(read('type:key')), /as key\.revoked/);
	t.regex(JSON.stringify(read('since:then')), /15m, 1h/);
	t.regex(JSON.stringify(read('colour:red')), /no such filter/);
});

test('following reads often what is new, and again less often when it is left', (t) => {
	const driven = atDeliveries().press('f');
	t.like(driven.effects[0], {do: 'load', after: delivery.id});
	loads(driven, [delivery]);
	t.is(driven.wait(1000).effects[0]?.do, 'load');
	loads(driven, [delivery]).press('f').wait(1000);
	loads(driven, [delivery]);
	t.deepEqual(driven.wait(1000).effects, []);
	t.is(driven.wait(4000).effects[0]?.do, 'load');
});

test('a delivery is read with its attempts, again while it is under way, and not after', (t) => {
	const waiting: Delivery = {
		...delivery,
		status: 'pending',
		finished_at: null,
		next_attempt_at: '2026-03-12T12:04:00Z',
	};
	const driven = loads(atWebhooks().press('enter'), [waiting]).press('enter');
	t.like(driven.effects[0], {do: 'readDelivery', id: delivery.id});
	const detail = {...waiting, url: endpoint.url, payload: '{"id":"msg_1"}', log: []};
	driven.send({type: 'deliveryRead', detail});
	t.deepEqual(driven.wait(4000).effects, []);
	t.like(driven.wait(1000).effects[0], {do: 'readDelivery'});
	t.deepEqual(looks(driven.wait(9000)), [], 'not while it is under way');
	driven.send({type: 'deliveryRead', detail: {...detail, ...delivery}});
	t.deepEqual(looks(driven.wait(60_000)), []);
	driven.press('c');
	t.deepEqual(driven.effects, [{do: 'copy', text: '{"id":"msg_1"}'}]);
	driven.press('R');
	t.like(driven.effects[0], {do: 'readDelivery'});
	driven.fails(new Failure('refused', 'Delivery not found', {status: 404}));
	const screen = top(driven.model);
	t.is(screen.type === 'delivery' && screen.problem, 'Delivery not found');
	t.is(
		screen.type === 'delivery' && screen.detail?.payload,
		'{"id":"msg_1"}',
		'what was read stays',
	);
});

test('somebody who may not inspect deliveries asks for nothing', (t) => {
	const developer = {...me, operator: false, role: 'developer'} as const;
	const driven = atDeliveries(endpoint, developer).press('enter');
	t.is(top(driven.model).type, 'delivery');
	t.deepEqual(driven.effects, []);
	t.deepEqual(looks(driven.wait(60_000)), []);
});

test('one is sent again by a y, many by what is counted first and then typed', (t) => {
	const one = atDeliveries().press('r');
	one.now += 300;
	one.agree();
	t.like(call(one.effects[0]), {route: 'replayDelivery', input: {delivery_id: delivery.id}});

	const many = atDeliveries()
		.press('m', 'left', 'right', 'left')
		.press('enter', 'ctrl-u')
		.write('1h')
		.press('enter', 'enter');
	const replay = {which: 'dead', since: '2026-03-12T11:00:00Z'} as const;
	t.like(many.effects[0], {do: 'countReplay', endpoint: endpoint.id, replay});
	many.send({type: 'replayCounted', endpoint: endpoint.id, replay, count: 0});
	t.regex(formOf(many).problem ?? '', /no such events/);
	many.press('enter').send({type: 'replayCounted', endpoint: endpoint.id, replay, count: 1200});
	many.now += 300;
	const screen = top(many.model);
	t.is(
		screen.type === 'confirm' && screen.question,
		'Send 1,200 events to hooks.acme.example/latchkey again?',
	);
	many.press('y', 'enter', 'escape');
	t.is(top(many.model).type, 'deliveries');
	t.deepEqual(many.effects, []);
	const sure = atDeliveries().press('m', 'enter', 'enter', 'enter');
	sure.send({type: 'replayCounted', endpoint: endpoint.id, replay, count: 1200});
	sure.now += 300;
	sure.write('replay 1200').press('enter');
	t.like(call(sure.effects[0]), {
		route: 'replayDeliveries',
		input: {webhook_id: endpoint.id, body: replay},
	});
});

test('nothing is sent again to a disabled endpoint, and it says what to press', (t) => {
	for (const key of ['r', 'm']) {
		const driven = atDeliveries(disabled).press(key);
		t.is(top(driven.model).type, 'deliveries');
		t.regex(driven.model.notice?.text ?? '', /is disabled: d enables it/);
	}
});

test('a long page is moved through and ends at its end', (t) => {
	const driven = atDeliveries().press('enter');
	const payload = JSON.stringify({list: Array.from({length: 60}, (_, index) => index)});
	driven.send({type: 'deliveryRead', detail: {...delivery, url: endpoint.url, payload, log: []}});
	const offset = () => {
		const screen = top(driven.model);
		return screen.type === 'delivery' ? screen.offset : -1;
	};
	driven.press('j', 'j');
	t.is(offset(), 2);
	driven.press('G');
	const last = offset();
	t.true(last > 40);
	driven.press('j', 'pagedown');
	t.is(offset(), last);
	driven.press('g');
	t.is(offset(), 0);
});

test('what a receiver answered cannot act on the terminal, and is cut at the edge', (t) => {
	const lines = block('{"a":"\\u001b[2J"}\n', 40);
	t.deepEqual(lines, ['{', '  "a": "\\u001b[2J"', '}']);
	t.deepEqual(block('one\r\n\u001B]0;x\u0007two\tthree', 8), ['one', '�]0;x�tw', 'o  three']);
});

test('a curl command quotes whatever stands in a request', (t) => {
	const request = {headers: {a: "it's"}, body: '{"x":"$(id)`"}', signed_text: ''};
	t.is(
		curlOf('https://h/?a=1&b', {request}),
		String.raw`curl -sS 'https://h/?a=1&b' -H 'a: it'\''s' --data-binary '{"x":"$(id)${'`'}"}'`,
	);
});

test('each part of the time is told by itself, as far as it came', (t) => {
	t.is(
		timingOf({dns: 1, connect: 4, tls: 9, first_byte: 20, total: 21.5}),
		'DNS 1 ms · connect 3 ms · TLS 5 ms · first byte 11 ms · total 21.5 ms',
	);
	t.is(
		timingOf({dns: 2, connect: null, tls: null, first_byte: null, total: 5000}),
		'DNS 2 ms · total 5,000 ms',
	);
});
