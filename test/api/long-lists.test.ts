import {once} from 'node:events';
import {connect, createServer, type AddressInfo, type Socket} from 'node:net';
import path from 'node:path';
import {Readable} from 'node:stream';
import test from 'ava';
import type {Knex} from 'knex';
import type {Context} from 'koa';
import {connectDatabase} from '../../core/db/connect.ts';
import {
	createAppliance,
	defaultOrganisation,
	makeKey,
	type Appliance,
	type Server,
} from '../helpers/appliance.ts';
import {rawCall} from '../helpers/http.ts';
import {eventually} from '../helpers/program.ts';
import {Problem} from '../../server/http/problem.ts';
import {createStreamSender} from '../../server/http/streams.ts';

let appliance: Appliance;
let server: Server;
let owner: Knex;
let way: Awaited<ReturnType<typeof createWay>>;
let jwt: string;
let organisationId: string;
let api: string;

const count = 20_000;

/** The way to PostgreSQL, which can be made to end in the middle of an answer. */
async function createWay({host, port}: {host: string; port: number}) {
	const open = new Set<Socket>();
	let left = Number.POSITIVE_INFINITY;
	const relay = createServer((near) => {
		if (left <= 0) return near.destroy();
		const far = connect(path.join(host, `.s.PGSQL.${port}`));
		for (const socket of [near, far]) {
			open.add(socket);
			socket.on('error', () => {});
			socket.on('close', () => {
				open.delete(socket);
				near.destroy();
				far.destroy();
			});
		}
		near.pipe(far);
		far.on('data', (chunk: Buffer) => {
			left -= chunk.length;
			if (left > 0) near.write(chunk);
			else for (const socket of open) socket.destroy();
		});
		return undefined;
	});
	await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
	return {
		port: (relay.address() as AddressInfo).port,
		/** @param bytes of answers that still come by */
		endAfter(bytes: number) {
			left = bytes;
		},
		async close() {
			for (const socket of open) socket.destroy();
			await new Promise((resolve) => relay.close(resolve));
		},
	};
}

test.before(async () => {
	appliance = await createAppliance();
	way = await createWay(appliance.database);
	server = await appliance.startServer({
		LATCHKEY_DATABASE_HOST: '127.0.0.1',
		LATCHKEY_DATABASE_PORT: String(way.port),
	});
	owner = connectDatabase(appliance.ownerDatabase, 'test', {
		statementTimeoutMs: 60_000,
		queryTimeoutMs: 61_000,
	});
	jwt = await server.logIn();
	organisationId = (await defaultOrganisation(server, jwt)).id;
	api = `/api/v1/organizations/${organisationId}`;
	// Many at one instant: then the id decides.
	await owner.raw(
		`insert into api_keys (organisation_id, name, hash, hint, created_at)
		select ?, 'key ' || n, sha256(n::text::bytea), 'hklst_', now() - (n / 700) * interval '1 minute'
		from generate_series(1, ?) n`,
		[organisationId, count],
	);
	await owner.raw(
		`insert into sources (organisation_id, name, type, created_at)
		select ?, 'source ' || n, 'x', now() - (n / 700) * interval '1 minute' from generate_series(1, ?) n`,
		[organisationId, count],
	);
	await owner.raw(
		`with made as (insert into users (email) select 'u' || n || '@example.com' from generate_series(1, ?) n returning id)
		insert into memberships (organisation_id, user_id, role) select ?, id, 'viewer' from made`,
		[2500, organisationId],
	);
	await owner.raw(
		`insert into organisations (name, plan) select 'o' || n, 'team' from generate_series(1, 2500) n`,
	);
	await owner.raw('analyze');
});
test.after.always(async () => {
	await owner?.destroy();
	await appliance.stop();
	await way.close();
});

const get = (path: string, headers: Record<string, string> = {}) =>
	server.call(path, {bearer: jwt, headers, timeoutMs: 60_000});

/** The list page by page, as it always was. */
async function paged(path: string): Promise<unknown[]> {
	const rows: unknown[] = [];
	let next: string | undefined = `${path}?limit=1000`;
	while (next !== undefined) {
		const {json, headers} = await get(next);
		rows.push(...(json() as unknown[]));
		next = /<([^>]+)>/.exec(String(headers['link'] ?? ''))?.[1];
	}
	return rows;
}

test.serial(
	'a list that is not paged is whole, whatever its length, and the bytes are the same',
	async (t) => {
		for (const [path, length] of [
			[`${api}/api-keys`, count],
			['/api/v1/sources', count],
			[`${api}/members`, 2501],
			['/api/v1/users', 2501],
		] as const) {
			const whole = await get(path);
			t.is(whole.status, 200, path);
			t.is(whole.headers['content-type'], 'application/json; charset=utf-8');
			const rows = await paged(path);
			t.is(rows.length, length, path);
			t.true(whole.text === JSON.stringify(rows), path);
		}
		const organisations = (await get('/api/v1/organizations')).json() as {id: string}[];
		t.is(organisations.length, 2501);
		t.is(new Set(organisations.map(({id}) => id)).size, 2501);
		t.is(organisations[0]?.id, organisationId);
	},
);

test.serial(
	'the tag of a long list is right: the same while all is the same, another after every change',
	async (t) => {
		const path = `${api}/api-keys`;
		const first = await get(path);
		const tag = String(first.headers['etag']);
		const unchanged = await get(path, {'If-None-Match': tag});
		t.is(unchanged.status, 304);
		t.is(unchanged.text, '');
		t.is(unchanged.headers['etag'], tag);
		const seen = new Set([tag]);
		const differs = async (what: string) => {
			const answer = await get(path, {'If-None-Match': tag});
			t.is(answer.status, 200, what);
			t.false(seen.has(String(answer.headers['etag'])), what);
			seen.add(String(answer.headers['etag']));
			return answer.json() as {id: string; revoked_at: string | null}[];
		};
		const made = await makeKey(server, jwt, organisationId);
		t.is((await differs('made'))[0]?.id, made.id);
		await server.call(`${path}/${made.id}`, {bearer: jwt, method: 'DELETE'});
		t.truthy((await differs('revoked'))[0]?.revoked_at);
		const [oldest] = await owner('api_keys')
			.orderBy(['created_at', 'id'])
			.limit(1)
			.select('id', 'name');
		await owner('api_keys')
			.where({id: oldest?.id ?? ''})
			.update({last_used_at: new Date()});
		await differs('used');
		// There and back: the list is as it was, but who read it in between has another.
		await owner('api_keys')
			.where({id: oldest?.id ?? ''})
			.update({name: 'other'});
		await differs('renamed');
		await owner('api_keys')
			.where({id: oldest?.id ?? ''})
			.update({name: oldest?.name ?? ''});
		await differs('named as before');
	},
);

test.serial(
	'who asks with HEAD, or with a tag, is answered without the list being sent',
	async (t) => {
		const head = await server.call('/api/v1/sources', {bearer: jwt, method: 'HEAD'});
		t.is(head.status, 200);
		t.is(head.text, '');
	},
);

test.serial('where PostgreSQL goes away in the middle, the connection is broken off', async (t) => {
	way.endAfter(1_000_000);
	const text = await rawCall(
		server.url,
		`GET /api/v1/sources HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${jwt}\r\n\r\n`,
	).catch((error: Error) => error.message);
	t.regex(text, /^HTTP\/1\.1 200 OK\r\n|ECONNRESET/);
	t.false(text.includes(']'));
	t.false(text.endsWith('0\r\n\r\n'));
	way.endAfter(Number.POSITIVE_INFINITY);
	const rows = await eventually(async () => {
		const answer = await get('/api/v1/sources');
		return answer.status === 200 && (answer.json() as unknown[]);
	});
	t.is(rows.length, count);
});

test('what is sent while it is read: nobody has all the places, and each is free again', async (t) => {
	const send = createStreamSender({most: 3, mostOfOne: 2});
	const ctx = {res: {setTimeout() {}}} as unknown as Context;
	let reads = 0;
	async function* endless() {
		for (;;) yield `${'x'.repeat(70_000)}${reads++}`;
	}
	const start = async (holder: string) => {
		const stream = send(ctx, holder, endless());
		if (stream instanceof Problem) return stream;
		await once(stream.resume().pause(), 'readable').catch(() => {});
		return stream;
	};
	const [one, two] = [await start('a'), await start('a')];
	t.like(await start('a'), {code: 'overloaded'});
	const three = await start('b');
	t.like(await start('c'), {code: 'overloaded'});
	// A reader that takes nothing costs a piece or two, however long it waits.
	t.true(reads < 10);
	for (const stream of [one, two, three]) {
		t.true(stream instanceof Readable);
		if (!(stream instanceof Readable)) continue;
		stream.destroy();
		await once(stream, 'close');
	}
	t.true((await start('a')) instanceof Readable);
});
