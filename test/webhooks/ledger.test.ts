import {createHmac} from 'node:crypto';
import test from 'ava';
import type {z} from 'zod';
import {
	createdEndpoint,
	delivery,
	deliveryDetail,
	deliveryList,
	replayResult,
	testResult,
} from '../../contract/webhooks.ts';
import {makeKey, makeMember, makeOrganisation, type Server} from '../helpers/appliance.ts';
import {openAppliance} from '../helpers/opening.ts';
import {eventually} from '../helpers/program.ts';
import {createReceiver, type Receiver} from './receiver.ts';

const settings = {
	LATCHKEY_WEBHOOK_ALLOWED_NETWORKS: 'loopback',
	LATCHKEY_WEBHOOK_RETRY_SECONDS: '1',
	LATCHKEY_WEBHOOK_KEEP_PRIVATE_ANSWERS: '1',
};
const {appliance, server, db, jwt} = await openAppliance(settings);
await appliance.startWorker(settings);

test.after.always(() => appliance.stop());

type Setting = {
	organisationId: string;
	receiver: Receiver;
	made: z.infer<typeof createdEndpoint>;
	call: (path: string, body?: unknown, method?: string) => ReturnType<Server['call']>;
};

async function setUp(t: {teardown: (run: () => Promise<void>) => void}): Promise<Setting> {
	const receiver = await createReceiver();
	t.teardown(receiver.close);
	const {id: organisationId} = await makeOrganisation(server, jwt, 'team');
	const call: Setting['call'] = (path, body, method) =>
		server.call(`/api/v1/organizations/${organisationId}${path}`, {
			bearer: jwt,
			...(body === undefined ? {} : {body}),
			...(method === undefined ? {} : {method}),
		});
	const made = createdEndpoint.parse((await call('/webhooks', {url: receiver.url})).json());
	return {organisationId, receiver, made, call};
}

const list = async ({call}: Setting, query = '') =>
	deliveryList.parse((await call(`/webhook-deliveries${query}`)).json());

async function ended(setting: Setting, count: number) {
	await eventually(
		async () => {
			const rows = await list(setting);
			return rows.filter(({finished_at: at}) => at !== null).length >= count;
		},
		{what: `${count} deliveries to end`},
	);
	return list(setting);
}

test('a delivery is listed, filtered, and shown with each attempt and what the receiver said', async (t) => {
	const setting = await setUp(t);
	const {receiver, organisationId, call} = setting;
	receiver.answer((_request, response) =>
		response.writeHead(500, {'X-Reason': 'tired'}).end('come back later'),
	);
	const made = await makeKey(server, jwt, organisationId, 'billing');
	const [delivery] = await ended(setting, 1);
	t.like(delivery, {status: 'dead', attempts: 2, last_status_code: 500, event_type: 'key.created'});
	t.deepEqual(delivery?.key, {id: made.id, name: 'billing'});
	const detail = deliveryDetail.parse((await call(`/webhook-deliveries/${delivery?.id}`)).json());
	t.is(detail.payload, receiver.received[0]?.body ?? '');
	t.deepEqual(
		detail.log.map(({number, result, status_code: status}) => [number, result, status]),
		[
			[1, 'http', 500],
			[2, 'http', 500],
		],
	);
	t.is(detail.log[0]?.response_body, 'come back later');
	t.is(detail.log[0]?.response_headers?.['x-reason'], 'tired');
	t.is((await list(setting, '?status=dead&event_type=key.created')).length, 1);
	t.is((await list(setting, '?status=succeeded')).length, 0);
	t.is((await list(setting, '?since=2099-01-01T00:00:00Z')).length, 0);
	t.is((await call('/webhook-deliveries?status=lost')).status, 400);
	t.is((await call('/webhook-deliveries?since=yesterday')).status, 400);
	t.is((await call('/webhook-deliveries/x')).status, 404);
	const developer = await server.logIn(
		await makeMember(appliance.database, organisationId, 'developer'),
	);
	const path = `/api/v1/organizations/${organisationId}/webhook-deliveries`;
	t.is((await server.call(path, {bearer: developer})).status, 200);
	t.is((await server.call(`${path}/${delivery?.id}`, {bearer: developer})).status, 403);
});

test('one delivery is replayed: a delivery of its own with the same id and body', async (t) => {
	const setting = await setUp(t);
	const {receiver, organisationId, call} = setting;
	await makeKey(server, jwt, organisationId);
	const [delivery] = await ended(setting, 1);
	const replays = await Promise.all(
		[1, 2, 3].map(() => call(`/webhook-deliveries/${delivery?.id}/replay`, undefined, 'POST')),
	);
	t.deepEqual(
		replays.map(({status}) => status),
		[201, 201, 201],
	);
	await receiver.waitFor(4);
	t.is(new Set(receiver.received.map(({body}) => body)).size, 1);
	t.deepEqual(
		(await ended(setting, 4)).map(({replay}) => replay).toSorted((a, b) => a - b),
		[0, 1, 2, 3],
	);
});

test('many are replayed: those an endpoint missed while it was disabled, counted before', async (t) => {
	const setting = await setUp(t);
	const {receiver, organisationId, call, made} = setting;
	const since = new Date(Date.now() - 60_000).toISOString();
	await call(`/webhooks/${made.id}`, {status: 'disabled'}, 'PATCH');
	for (let i = 0; i < 3; i++) await makeKey(server, jwt, organisationId);
	const wanted = {which: 'missing', since};
	const replay = (body: object, id = made.id) => call(`/webhooks/${id}/replay`, body);
	t.deepEqual(replayResult.parse((await replay({...wanted, dry_run: true})).json()), {
		count: 3,
		dry_run: true,
	});
	t.is((await replay(wanted)).status, 409);
	await call(`/webhooks/${made.id}`, {status: 'active'}, 'PATCH');
	t.like((await replay(wanted)).json(), {count: 3});
	await receiver.waitFor(3);
	t.deepEqual(
		receiver.received.map(({event}) => event.sequence).toSorted((a, b) => a - b),
		[1, 2, 3],
	);
	await ended(setting, 3);
	t.like((await replay(wanted)).json(), {count: 0});
	t.like((await replay({...wanted, which: 'dead'})).json(), {count: 0});
	t.like((await replay({...wanted, which: 'all'})).json(), {count: 3});
	t.is((await replay(wanted, organisationId)).status, 404);
	t.is((await replay({...wanted, which: 'some'})).status, 400);
});

test('a test is sent at once, with the text that was signed, and counts for nothing', async (t) => {
	const setting = await setUp(t);
	const {receiver, call, made} = setting;
	receiver.answer((_request, response) => response.writeHead(503).end('not now'));
	const answer = await call(`/webhooks/${made.id}/test`, {event_type: 'key.revoked'});
	const result = testResult.parse(answer.json());
	t.like(result, {result: 'http', status_code: 503, response_body: 'not now'});
	const [received] = receiver.received;
	t.is(received?.headers['latchkey-webhook-test'], '1');
	t.is(result.request.body, received?.body ?? '');
	const key = Buffer.from(made.secret.slice('whsec_'.length), 'base64');
	const signature = createHmac('sha256', key).update(result.request.signed_text).digest('base64');
	t.is(received?.headers['webhook-signature'], `v1,${signature}`);
	t.deepEqual(await list(setting), []);
	const shown = (await call(`/webhooks/${made.id}`)).json() as {consecutive_failures: number};
	t.is(shown.consecutive_failures, 0);
});

test('a target that may not be reached is refused, with the setting that would allow it', async (t) => {
	const {call, made} = await setUp(t);
	const answer = await call('/webhooks', {url: 'https://10.1.2.3/hooks'});
	t.is(answer.status, 400);
	t.regex(answer.text, /url: 10\.1\.2\.3 is not a public address; LATCHKEY_WEBHOOK_ALLOWED_NET/);
	const changed = await call(
		`/webhooks/${made.id}`,
		{url: 'http://169.254.169.254/latest/meta-data'},
		'PATCH',
	);
	t.is(changed.status, 400);
	t.regex(changed.text, /nothing is ever sent there/);
});

test('paging of deliveries leads through all of them', async (t) => {
	const setting = await setUp(t);
	for (let i = 0; i < 5; i++) await makeKey(server, jwt, setting.organisationId);
	await ended(setting, 5);
	const seen: string[] = [];
	let next = `/api/v1/organizations/${setting.organisationId}/webhook-deliveries?limit=2`;
	while (next !== '') {
		const answer = await server.call(next, {bearer: jwt});
		seen.push(...deliveryList.parse(answer.json()).map(({id}) => id));
		next = /<(.*)>; rel="next"/.exec(String(answer.headers['link'] ?? ''))?.[1] ?? '';
	}
	t.is(new Set(seen).size, 5);
});

test('metrics tell how far webhooks are behind', async (t) => {
	const lines = async () => (await server.call('/metrics')).text;
	const value = async (name: string) =>
		Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(await lines())?.[1]);
	t.is(await value('latchkey_webhook_paused_endpoints'), 0);
	const {organisationId, made} = await setUp(t);
	await db('webhook_endpoints')
		.where({id: made.id})
		.update({open_until: new Date(Date.now() + 60_000)});
	await makeKey(server, jwt, organisationId);
	t.is(await value('latchkey_webhook_paused_endpoints'), 1);
	await db('webhook_deliveries').where({endpoint_id: made.id}).update({status: 'dead'});
	t.true((await value('latchkey_webhook_dead')) >= 1);
	const disabled = await value('latchkey_webhook_disabled_endpoints');
	const disable = (reason: 'request' | 'failing') =>
		db('webhook_endpoints')
			.where({id: made.id})
			.update({status: 'disabled', disabled_reason: reason});
	await disable('request');
	t.is(await value('latchkey_webhook_disabled_endpoints'), disabled);
	await disable('failing');
	t.is(await value('latchkey_webhook_disabled_endpoints'), disabled + 1);
	await db('webhook_endpoints').where({id: made.id}).delete();
});

test('deliveries are exported as lines, all of them, by the filters of the list', async (t) => {
	const setting = await setUp(t);
	const {organisationId, made, call} = setting;
	await makeKey(server, jwt, organisationId);
	await ended(setting, 1);
	// More than one statement reads.
	await db.raw(
		`insert into webhook_deliveries
			(organisation_id, endpoint_id, event_id, api_version, event_type, replay, status, finished_at)
		select organisation_id, endpoint_id, event_id, api_version, event_type, n, 'dead', now()
		from webhook_deliveries, generate_series(1, 1200) n where endpoint_id = ?`,
		[made.id],
	);
	const read = async (query = '') => {
		const answer = await call(`/webhook-deliveries/export${query}`);
		t.is(answer.status, 200);
		t.is(answer.headers['content-type'], 'application/x-ndjson');
		return answer.text
			.split('\n')
			.filter((line) => line !== '')
			.map((line) => delivery.parse(JSON.parse(line)));
	};
	const all = await read();
	t.is(all.length, 1201);
	t.is(new Set(all.map(({id}) => id)).size, 1201);
	t.deepEqual(all.slice(0, 100), await list(setting));
	t.is((await read('?status=dead')).length, 1200);
	t.is((await read(`?status=succeeded&endpoint_id=${made.id}`)).length, 1);
	t.deepEqual(await read('?event_type=plan.upgraded'), []);
	t.deepEqual(await read('?endpoint_id=none'), []);
	t.deepEqual(await read('?since=2040-01-01T00:00:00Z'), []);
	const refused = await call('/webhook-deliveries/export?status=lost');
	t.is(refused.status, 400);
	t.regex(refused.text, /^\{"error":"status must be one of: /);
});
