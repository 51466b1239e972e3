import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import test from 'ava';
import * as z from 'zod';
import {headers, type ErrorCode} from '../../contract/errors.ts';
import type {Route} from '../../contract/route.ts';
import {routes, type RouteName} from '../../contract/routes.ts';
import {createHandler, createRouter} from '../../server/app.ts';
import {createMetrics} from '../../server/metrics/metrics.ts';
import {call, type Answer, type CallOptions} from '../helpers/http.ts';
import {openServer, withEveryRoute} from '../helpers/opening.ts';
import {expected} from './matrix/expected.ts';
import {leavesNoEntry, requests, spendsSession, type Request} from './matrix/requests.ts';
import {actors, createWorld, type ActorName, type Headers} from './matrix/world.ts';

const {appliance, server} = await openServer(withEveryRoute);
const world = await createWorld(appliance);
let credentials = await world.credentials();

test.after.always(async () => {
	await world.deps.close();
	await appliance.stop();
});

const names = Object.keys(routes) as RouteName[];
/** What is not is told once, by S-80. */
const described = names.filter((name) => expected[name] !== undefined);
const routeOf = (name: RouteName): Route => routes[name];

/** What an endpoint needs besides a credential, with what it is about in an organisation. */
async function makeRequest(name: RouteName, organisationId: string): Promise<Request> {
	const make = requests[name];
	const {path, body} = routeOf(name);
	const needsMore = /:(?!org_id)/.test(path) || body !== undefined;
	if (make === undefined && needsMore) {
		throw new Error(`say in test/http/matrix/requests.ts how ${name} is called`);
	}
	return make === undefined ? {} : make(world, organisationId);
}

function targetOf(name: RouteName, params: Request['params'] = {}): string {
	return routeOf(name).path.replaceAll(
		/:(\w+)/g,
		(_, param: string) => params[param] ?? (param === 'org_id' ? world.home : 'missing'),
	);
}

function send(
	name: RouteName,
	{params = {}, body}: Request,
	given: Headers,
	query = '',
	to: (path: string, options: CallOptions) => Promise<Answer> = server.call,
): Promise<Answer> {
	const route = routeOf(name);
	const path = targetOf(name, params);
	const form = route.form && new URLSearchParams(body as Record<string, string>).toString();
	return to(path + query, {
		method: route.method,
		headers: {
			[headers.organization]: world.home,
			...given,
			...(form === undefined ? {} : {'Content-Type': 'application/x-www-form-urlencoded'}),
		},
		body: form ?? body,
	});
}

function outcomeOf({status, headers: lines}: Answer): string {
	const code = lines[headers.errorCode.toLowerCase()] as ErrorCode | undefined;
	return code === undefined ? String(status) : `${status} ${code}`;
}

/** What of an answer is not as the contract has it; it has nothing more, and nothing less. */
function misfitOf(name: RouteName, {headers: lines, text}: Answer): string | undefined {
	const isJson = /^application\/json\b/.test(lines['content-type'] ?? '');
	const found = routeOf(name).response.safeParse(isJson ? JSON.parse(text) : text);
	return found.success ? undefined : z.prettifyError(found.error);
}

/** Of leases, or of refusals: these change when nothing was done. */
const restless = ['verifiers', 'audit_entries', 'audit_heads', 'audit_signed_heads'];
const refusals = ['authorization.denied', 'user.login_failed', 'token.refused'];

/** Everything that PostgreSQL holds and a server can read, in few words. */
async function everything(): Promise<Record<string, string>> {
	const {db} = world.deps;
	const {rows: tables} = await db.raw<{rows: {name: string}[]}>(
		`select relname as name from pg_class
		where relkind = 'r' and relnamespace = 'public'::regnamespace and not relname = any(?)
			and has_table_privilege(oid, 'select')`,
		[restless],
	);
	const digests = tables.map(
		({name}) =>
			`select '${name}' as name, count(*) || ' ' || coalesce(sum(hashtextextended(t::text, 0)), 0) as digest from "${name}" t`,
	);
	const {rows} = await db.raw<{rows: {name: string; digest: string}[]}>(
		digests.join(' union all '),
	);
	const found = Object.fromEntries(rows.map(({name, digest}) => [name, digest]));
	return {...found, audit_entries: String(await countEntries())};
}

/** Entries of the audit trail about what was done. */
async function countEntries(): Promise<number> {
	const [row] = await world.deps
		.db('audit_entries')
		.whereNotIn('action', refusals)
		.count<{count: string}[]>('*');
	return Number(row?.count);
}

test('S-80: every route of the server is in the contract, and the reverse', (t) => {
	const router = createRouter(world.deps, createMetrics(world.deps), {isDraining: false});
	const mounted = router.stack.map(({name, path, methods}) => {
		const method = methods.find((each) => each !== 'HEAD');
		return `${name}: ${method} ${String(path)}`;
	});
	t.deepEqual(
		mounted.toSorted(),
		names.map((name) => `${name}: ${routeOf(name).method} ${routeOf(name).path}`).toSorted(),
	);
});

test('S-80: the expectations name no route that there is not', (t) => {
	t.deepEqual(
		Object.keys(expected).filter((name) => !(name in routes)),
		[],
	);
});

/** What there is one of in each organisation, or not. */
const ofOrganisation: readonly RouteName[] = ['getOrganisationLimits', 'deleteOrganisationLimits'];

test('a path that may lead to nothing has an error for that, and no other path', (t) => {
	for (const name of names) {
		const {notFound} = routeOf(name);
		const has = idsOf(name).some((id) => id !== 'org_id') || ofOrganisation.includes(name);
		t.is(notFound !== undefined, has, name);
	}
});

/** What the path names that is there already: text that a route makes something of is not. */
function idsOf(name: RouteName): string[] {
	const {path, parameters = {}, method} = routeOf(name);
	const named = [...path.matchAll(/:(\w+)/g)].map(([, id]) => id ?? '');
	return named.filter((id) => method !== 'PUT' || !(id in parameters));
}

/** Actor → outcome; everybody must stand there once. */
function read(text: string): ReadonlyMap<string, string> {
	const found = new Map<string, string>();
	for (const line of text.split('\n').slice(1)) {
		const [outcome = '', who = ''] = line.trim().split(': ');
		for (const actor of who.split(', ')) {
			if (found.has(actor)) throw new Error(`${actor} stands there twice`);
			found.set(actor, outcome);
		}
	}
	return found;
}

/** The outcomes as matrix/expected.ts has them, to be read, judged and put there. */
function written(name: RouteName, observed: ReadonlyMap<ActorName, string>): string {
	const byOutcome = Map.groupBy(observed.keys(), (actor) => observed.get(actor) ?? '');
	const sorted = [...byOutcome].toSorted(([a], [b]) => a.localeCompare(b));
	const lines = sorted.map(([outcome, who]) => `\t\t${outcome}: ${who.join(', ')}`);
	return `\t${name}: \`\n${lines.join('\n')}\`,`;
}

for (const name of names) {
	test.serial(`S-80: ${name}: who may, and who may not`, async (t) => {
		const wanted = read(expected[name] ?? '');
		// Of what nothing is expected, anything may happen: each call is made as one that acts.
		const isAllowed = (actor: ActorName) => /^2\d\d$/.test(wanted.get(actor) ?? '200');
		const observed = new Map<ActorName, string>();

		const target = await makeRequest(name, world.home);
		const before = await everything();
		for (const actor of actors.filter((each) => !isAllowed(each))) {
			observed.set(actor, outcomeOf(await send(name, target, credentials[actor])));
		}
		const after = await everything();

		for (const actor of actors.filter(isAllowed)) {
			const request = await makeRequest(name, world.home);
			if (spendsSession.has(name)) credentials = await world.credentials();
			const entries = await countEntries();
			const answer = await send(name, request, credentials[actor]);
			observed.set(actor, outcomeOf(answer));
			if (answer.status < 300) t.is(misfitOf(name, answer), undefined, `to ${actor}`);
			const changes = routeOf(name).method !== 'GET' && !leavesNoEntry.has(name);
			if (changes && answer.status < 300) {
				t.true((await countEntries()) > entries, `S-85: ${actor} leaves an entry`);
			}
		}

		if (spendsSession.has(name)) credentials = await world.credentials();

		const inOrder = new Map(actors.map((actor) => [actor, observed.get(actor) ?? ''] as const));
		if (expected[name] === undefined) {
			t.fail(
				`${name} is not in test/http/matrix/expected.ts. If these answers are right, put them there:\n${written(name, inOrder)}`,
			);
			return;
		}
		t.deepEqual(
			Object.fromEntries(inOrder),
			Object.fromEntries(actors.map((actor) => [actor, wanted.get(actor)])),
		);
		t.deepEqual(after, before, 'who was refused changed something');
	});
}

/** An actor who may call an endpoint, by what is expected of it. */
function whoMay(name: RouteName): ActorName {
	const found = read(expected[name] ?? '');
	const candidates = ['nobody', 'owner', 'operator', 'live key'] as const;
	const actor = candidates.find((each) => found.get(each)?.startsWith('2'));
	// The first administrator is made already: nobody may do that again.
	return actor ?? 'nobody';
}

function anyoneWhoMay(name: RouteName): ActorName | undefined {
	const found = read(expected[name] ?? '');
	return actors.find((actor) => found.get(actor)?.startsWith('2'));
}

const missing = '00000000-0000-4000-8000-000000000000';

/** To the byte, but for what differs from request to request. */
function bytes({status, rawHeaders, text}: Answer): string {
	const lines = rawHeaders.map((line, i) =>
		['Date', headers.requestId].includes(rawHeaders[i - 1] ?? '') ? '*' : line,
	);
	return [status, ...lines, text].join('\n');
}

const isScoped = ({path, credentials: accepted}: Route) =>
	path.includes(':org_id') || accepted === 'any';

for (const name of described) {
	const {credentials: accepted} = routeOf(name);
	const ids = idsOf(name);
	if (ids.length === 0 || !isScoped(routeOf(name))) continue;
	test.serial(`S-81: ${name}: what another organisation has is not there`, async (t) => {
		const callers = accepted === 'any' ? (['owner', 'live key'] as const) : [whoMay(name)];
		const own = await makeRequest(name, world.home);
		const foreign = await makeRequest(name, world.other);
		const before = await everything();
		for (const caller of callers) {
			for (const id of ids) {
				// An operator is of every organisation.
				if (id === 'org_id' && caller === 'operator') continue;
				const [nothing, theirs] = await Promise.all(
					[missing, id === 'org_id' ? world.other : (foreign.params?.[id] ?? '')].map((value) =>
						send(name, {...own, params: {...own.params, [id]: value}}, credentials[caller]),
					),
				);
				t.is(nothing?.status, 404);
				t.is(theirs && bytes(theirs), nothing && bytes(nothing), `${id}, for ${caller}`);
			}
		}
		t.deepEqual(await everything(), before);
	});
}

for (const name of described) {
	const {notFound} = routeOf(name);
	if (notFound === undefined) continue;
	test.serial(`S-81: ${name}: what is not a UUID is the id of nothing`, async (t) => {
		const ids = idsOf(name).filter((id) => id !== 'org_id');
		const own = await makeRequest(name, world.home);
		const caller = credentials[anyoneWhoMay(name) ?? 'owner'];
		const before = await everything();
		for (const id of ids) {
			const ask = (value: string) =>
				send(name, {...own, params: {...own.params, [id]: value}}, caller);
			const nothing = await ask(missing);
			if (id === ids.at(-1)) t.is(outcomeOf(nothing), `404 ${notFound}`);
			for (const value of ['1', `${missing}0`, 'null', '%00']) {
				t.is(bytes(await ask(value)), bytes(nothing), value);
			}
		}
		t.deepEqual(await everything(), before);
	});
}

test.serial(
	'S-81: what another organisation has takes the same statements as what is not there',
	async (t) => {
		const {db} = world.deps;
		const handler = createHandler(world.deps, createMetrics(world.deps), {isDraining: false});
		const local = createServer(handler).listen(0, '127.0.0.1');
		t.teardown(() => local.close());
		await new Promise((resolve) => local.once('listening', resolve));
		const url = `http://127.0.0.1:${(local.address() as AddressInfo).port}`;
		const statementsOf = async (name: RouteName, request: Request, given: Headers) => {
			const statements: string[] = [];
			const listen = ({sql}: {sql: string}) => statements.push(sql);
			db.on('query', listen);
			const answer = await send(name, request, given, '', (path, options) =>
				call(url, path, options),
			);
			db.off('query', listen);
			t.is(answer.status, 404, name);
			return statements;
		};

		const scoped = described.filter(
			(name) => /:/.test(routeOf(name).path) && isScoped(routeOf(name)),
		);
		t.true(scoped.length > 20);
		for (const name of scoped) {
			const ids = idsOf(name);
			const [own, foreign] = [
				await makeRequest(name, world.home),
				await makeRequest(name, world.other),
			];
			for (const id of ids) {
				const at = (value: string) => ({...own, params: {...own.params, [id]: value}});
				const theirs = id === 'org_id' ? world.other : (foreign.params?.[id] ?? '');
				// The first refusal of a minute is on record.
				await statementsOf(name, at(missing), credentials.owner);
				const nothing = await statementsOf(name, at(missing), credentials.owner);
				t.true(nothing.length > 1, name);
				t.deepEqual(
					await statementsOf(name, at(theirs), credentials.owner),
					nothing,
					`${name}, ${id}`,
				);
			}
		}
	},
);

/** Names of what a caller must not choose. */
const notForCallers = [
	'id org_id organization_id organisation_id user_id role roles operator is_operator plan',
	'key key_hash hash secret password_hash created_at created_by updated_at revoked_at',
	'last_used_at disabled_at __proto Name',
].flatMap((line) => line.split(' '));

for (const name of described) {
	const {body, form, errorForm} = routeOf(name);
	// Clients of another product send what we do not know (test/api/unkey.test.ts).
	if (body === undefined || form || errorForm) continue;
	test.serial(`S-82, S-83: ${name}: no member that is not in the contract`, async (t) => {
		if (!(body instanceof z.ZodObject)) {
			t.fail('the body is not an object: say here what its members are');
			return;
		}
		const request = await makeRequest(name, world.home);
		const before = await everything();
		for (const member of notForCallers.filter((each) => !(each in body.shape))) {
			const more = {...request, body: {...request.body, [member]: world.other}};
			const answer = await send(name, more, credentials[whoMay(name)]);
			t.is(outcomeOf(answer), '400 invalid_field', member);
			t.is(answer.text, `{"error":"Unknown member: ${member}"}`);
		}
		t.deepEqual(await everything(), before);
	});
}

for (const name of described.filter((each) => routeOf(each).path.includes(':org_id'))) {
	test.serial(`S-82: ${name}: nothing overrides the organisation of the path`, async (t) => {
		const {status} = routeOf(name);
		const caller = credentials[whoMay(name)];
		const elsewhere = {...caller, [headers.organization]: world.other};
		const query = `?org_id=${world.other}&organization_id=${world.other}`;
		const byHeader = await send(name, await makeRequest(name, world.home), elsewhere);
		t.is(byHeader.status, status);
		t.false(byHeader.text.includes(world.other));
		const byQuery = await send(name, await makeRequest(name, world.home), caller, query);
		t.is(outcomeOf(byQuery), '400 invalid_field');
		t.false(byQuery.text.includes(world.other));
	});
}

for (const name of described) {
	const {credentials: accepted, form, errorForm} = routeOf(name);
	// Parameters that a token endpoint does not know are ignored (RFC 6749, 3.2).
	if (form) continue;
	test.serial(`${name}: no query parameter that is not in the contract`, async (t) => {
		// The credential comes first, and where it does not do, nobody asks about the query.
		const caller = accepted === 'none' ? 'nobody' : (anyoneWhoMay(name) ?? 'owner');
		const request = await makeRequest(name, world.home);
		const before = await everything();
		const {query} = routeOf(name);
		const known = query instanceof z.ZodObject ? Object.keys(query.shape) : [];
		const unknown = ['dry_run', 'scopes', '__proto__', 'constructor'];
		for (const parameter of unknown.filter((each) => !known.includes(each))) {
			const answer = await send(name, request, credentials[caller], `?${parameter}=true`);
			t.is(outcomeOf(answer), '400 invalid_field', parameter);
			const told = `"Unknown query parameter: ${parameter}"`;
			if (errorForm) t.true(answer.text.includes(`"detail":${told}`), answer.text);
			else t.is(answer.text, `{"error":${told}}`);
		}
		t.deepEqual(await everything(), before);
	});
}

for (const name of described) {
	const {path, query, credentials: accepted} = routeOf(name);
	if (!(query instanceof z.ZodObject) || !('cursor' in query.shape)) continue;
	// Of the whole appliance, or of the caller: there is no other one.
	if (!path.includes(':') && accepted !== 'any') continue;
	test.serial(`S-84: ${name}: a cursor leads on in its own list only`, async (t) => {
		const page = await send(
			name,
			await makeRequest(name, world.home),
			credentials.operator,
			'?limit=1',
		);
		const next = /[?&]cursor=([^&>]+)/.exec(String(page.headers['link']))?.[1];
		t.truthy(next, 'a list of two at least');
		const {params, ...rest} = await makeRequest(name, world.other);
		const elsewhere = {...credentials.operator, [headers.organization]: world.other};
		const request = {...rest, params: {...params, org_id: world.other}};
		const cursor = `?limit=1&cursor=${next}`;
		t.is(outcomeOf(await send(name, request, elsewhere, cursor)), '400 invalid_field');
		t.is(outcomeOf(await send(name, request, elsewhere, '?limit=1')), '200');
	});
}

/** What an endpoint that takes a body refuses, whatever it is for. */
const badBodies: readonly (CallOptions & {outcome: string})[] = [
	{
		outcome: '415 unsupported_media_type',
		body: 'a',
		headers: {'Content-Type': 'text/plain'},
	},
	{outcome: '415 content_encoding', body: '{}', headers: {'Content-Encoding': 'br'}},
	{outcome: '413 body_too_large', body: `{"a":"${'a'.repeat(64 * 1024)}"}`},
	{outcome: '400 invalid_json', body: '{'},
];

for (const name of described) {
	const {method, body, form, mergePatch} = routeOf(name);
	if (body === undefined) continue;
	test.serial(`${name}: what is asked wrongly is refused in its own words`, async (t) => {
		const request = await makeRequest(name, world.home);
		const caller = credentials[anyoneWhoMay(name) ?? 'nobody'];
		const before = await everything();
		if (mergePatch) {
			const answer = await send(name, request, {...caller, 'If-Match': '"0"'});
			t.is(outcomeOf(answer), '412 precondition_failed');
		}
		for (const {outcome, ...bad} of badBodies) {
			if (form && outcome === '400 invalid_json') continue;
			const given = {...caller, [headers.organization]: world.home, ...bad.headers};
			const answer = await server.call(targetOf(name, request.params), {
				...bad,
				method,
				headers: given,
			});
			t.is(outcomeOf(answer), outcome);
		}
		t.deepEqual(await everything(), before);
	});
}

for (const name of described) {
	const {credentials: accepted, limits, tagged} = routeOf(name);
	if (tagged) {
		test.serial(`${name}: what is the same is not sent again`, async (t) => {
			const caller = credentials[whoMay(name)];
			const request = await makeRequest(name, world.home);
			const {headers: told} = await send(name, request, caller);
			const again = {...caller, 'If-None-Match': told.etag ?? ''};
			t.is((await send(name, request, again)).status, 304);
		});
	}
	if (limits !== undefined || (accepted !== 'any' && accepted !== 'api_key')) continue;
	test.serial(`${name}: a key that has nothing left is told so`, async (t) => {
		const request = await makeRequest(name, world.home);
		const {limited, spent} = await world.keysWithoutRoom();
		// The only use that it has.
		await server.call(routes.listSources.path, {headers: limited});
		for (const [key, outcome] of [
			[limited, '429 rate_limited'],
			[spent, '429 quota_exceeded'],
		] as const) {
			t.is(outcomeOf(await send(name, request, key)), outcome);
		}
	});
}

for (const name of described.filter((each) => routeOf(each).idempotent)) {
	test.serial(`${name}: a key of a request is for that request alone`, async (t) => {
		const caller = {...credentials[whoMay(name)], [headers.idempotencyKey]: `once-for-${name}`};
		const first = await makeRequest(name, world.home);
		t.is((await send(name, first, caller)).status, routeOf(name).status);
		const again = await send(name, first, caller);
		t.is(again.headers[headers.idempotencyReplayed.toLowerCase()], 'true');
		const otherwise = await server.call(targetOf(name, first.params), {
			method: routeOf(name).method,
			headers: caller,
			body: `${JSON.stringify(first.body)} `,
		});
		t.is(outcomeOf(otherwise), '422 idempotency_mismatch');
		// A change of its row that is not committed is what a request under way looks like.
		const underWay = await world.deps.db.transaction();
		await underWay('idempotency_keys').where({organisation_id: world.home}).delete();
		t.is(outcomeOf(await send(name, first, caller)), '409 idempotency_in_progress');
		await underWay.rollback();
	});
}

test.serial('nothing is sent again to an endpoint that is disabled', async (t) => {
	for (const name of ['replayDelivery', 'replayDeliveries'] as const) {
		const request = await makeRequest(name, world.home);
		await world.deps.db('webhook_endpoints').update({status: 'disabled'});
		t.is(outcomeOf(await send(name, request, credentials.owner)), '409 webhook_disabled');
	}
});

test.serial('tests of an endpoint are sent twenty times a minute', async (t) => {
	const request = await makeRequest('testWebhook', world.other);
	const caller = {...credentials['owner of another organisation']};
	const at = {...request, params: {...request.params, org_id: world.other}};
	for (let sent = 0; sent < 100; sent++) {
		const answer = await send('testWebhook', at, caller);
		if (answer.status !== 200) {
			t.is(outcomeOf(answer), '429 too_many_attempts');
			return;
		}
	}
	t.fail('a hundred were sent');
});
