import {randomUUID} from 'node:crypto';
import test from 'ava';
import type {Knex} from 'knex';
import {tokens as tokensSchema, type Tokens} from '../../contract/people.ts';
import {sessionList, type Session, type SessionEnd} from '../../contract/sessions.ts';
import {applianceChain} from '../../core/audit/trail/record.ts';
import {connectDatabase} from '../../core/db/connect.ts';
import {createAppliance, makeUser, type Appliance, type Server} from '../helpers/appliance.ts';
import {entriesOf} from '../helpers/audit.ts';

let appliance: Appliance;
let server: Server;
let other: Server;
let db: Knex;
let operator: string;
let count = 0;

test.before(async () => {
	appliance = await createAppliance();
	[server, other] = await Promise.all([appliance.startServer(), appliance.startServer()]);
	db = connectDatabase(appliance.database, 'test');
	operator = await server.logIn();
});

test.after.always(async () => {
	await db.destroy();
	await appliance.stop();
});

async function newUser() {
	const email = `person-${++count}@example.com`;
	const user = await makeUser(server, operator, {email});
	const logIn = async (userAgent?: string): Promise<Tokens> => {
		const headers = userAgent === undefined ? {} : {'User-Agent': userAgent};
		const body = {email: user.email, password: user.password};
		return tokensSchema.parse((await server.call('/api/v1/auth/login', {headers, body})).json());
	};
	return {...user, logIn};
}

async function sessionsOf(token: string, path = '/api/v1/auth/sessions'): Promise<Session[]> {
	return sessionList.parse((await server.call(path, {bearer: token})).json());
}

const me = (token: string, from = server) => from.call('/api/v1/auth/me', {bearer: token});
const refresh = (token: string) =>
	server.call('/api/v1/auth/refresh', {body: {refresh_token: token}});

test.serial(
	'a caller sees their own open sessions, newest first, and which one asks',
	async (t) => {
		const user = await newUser();
		const first = await user.logIn('Console/1.0');
		const second = await user.logIn(`Script hklst_${'a'.repeat(49)}`);
		const sessions = await sessionsOf(second.access_token);
		t.deepEqual(
			sessions.map(({current, address, user_agent}) => ({current, address, user_agent})),
			[
				{current: true, address: '127.0.0.1', user_agent: 'Script [secret]'},
				{current: false, address: '127.0.0.1', user_agent: 'Console/1.0'},
			],
		);
		const page = await server.call('/api/v1/auth/sessions?limit=1', {bearer: first.access_token});
		t.is(sessionList.parse(page.json())[0]?.id, sessions[0]?.id);
		const next = /<([^>]+)>/.exec(String(page.headers['link']))?.[1] ?? '';
		t.is((await sessionsOf(first.access_token, next))[0]?.id, sessions[1]?.id);
		const foreign = await server.call(next, {bearer: operator});
		t.is(foreign.status, 400, 'a cursor is good for one list');
	},
);

test.serial(
	'one session is ended: its tokens stop working immediately, the others go on',
	async (t) => {
		const user = await newUser();
		const [kept, ended] = [await user.logIn(), await user.logIn()];
		const [session] = (await sessionsOf(kept.access_token)).filter(({current}) => !current);
		const path = `/api/v1/auth/sessions/${session?.id}`;
		const answer = await server.call(path, {method: 'DELETE', bearer: kept.access_token});
		t.is(answer.text, '{"message":"Session ended successfully"}');
		t.is((await me(ended.access_token)).status, 401);
		t.is((await refresh(ended.refresh_token)).status, 401);
		t.is((await me(kept.access_token)).status, 200);
		t.is((await sessionsOf(kept.access_token)).length, 1);
		t.like(
			(await entriesOf(db, applianceChain)).findLast(({target}) => target.id === session?.id),
			{
				action: 'session.ended',
				actor: {id: user.id},
				details: {reason: 'logout'},
			},
		);
	},
);

test.serial(
	"a session that is ended, unknown or somebody else's is not found, in the same bytes",
	async (t) => {
		const [user, stranger] = [await newUser(), await newUser()];
		const token = (await user.logIn()).access_token;
		await stranger.logIn();
		const [foreign] = await sessionsOf((await stranger.logIn()).access_token);
		const [ended] = await sessionsOf((await user.logIn()).access_token);
		const end = (id: string) =>
			server.call(`/api/v1/auth/sessions/${id}`, {method: 'DELETE', bearer: token});
		t.is((await end(ended?.id ?? '')).status, 200);
		for (const id of [ended?.id, foreign?.id, randomUUID(), 'nonsense']) {
			const answer = await end(id ?? '');
			t.is(answer.status, 404);
			t.is(answer.text, '{"error":"Session not found"}');
		}
		t.is((await sessionsOf(operator, `/api/v1/users/${stranger.id}/sessions`)).length, 2);
	},
);

test.serial(
	'S-60: logged out everywhere means here and on every other server, on the next call',
	async (t) => {
		const user = await newUser();
		const opened = [await user.logIn(), await user.logIn(), await user.logIn()];
		const [first] = opened;
		const path = '/api/v1/auth/sessions';
		const answer = await server.call(path, {method: 'DELETE', bearer: first?.access_token ?? ''});
		t.deepEqual(answer.json(), {message: 'Sessions ended successfully', count: 3});
		for (const {access_token, refresh_token} of opened) {
			t.is((await me(access_token, other)).status, 401);
			t.is((await refresh(refresh_token)).status, 401);
		}
	},
);

test.serial(
	'S-60: logout, disabling and a changed password are in force on the next call on another server',
	async (t) => {
		const user = await newUser();
		const loggedOut = (await user.logIn()).access_token;
		await server.call('/api/v1/auth/logout', {method: 'POST', bearer: loggedOut});
		t.is((await me(loggedOut, other)).status, 401);

		const [changer, bystander] = [await user.logIn(), await user.logIn()];
		const change = {current_password: user.password, new_password: 'nine loud cats at midnight'};
		const changed = await server.call('/api/v1/auth/password', {
			bearer: changer.access_token,
			body: change,
		});
		t.is(changed.text, '{"message":"Password changed successfully"}');
		t.is((await me(bystander.access_token, other)).status, 401);
		const ended = await refresh(bystander.refresh_token);
		t.is(ended.status, 401);
		t.is(ended.headers['latchkey-session-end'], 'password_changed');
		t.is((await me(changer.access_token, other)).status, 200, 'the session that asked goes on');

		const disabled = await server.call(`/api/v1/users/${user.id}`, {
			method: 'PATCH',
			bearer: operator,
			body: {disabled: true},
		});
		t.like(disabled.json(), {disabled: true});
		t.is((await me(changer.access_token, other)).status, 401);
		t.is((await refresh(changer.refresh_token)).status, 401);
	},
);

test.serial(
	'S-61: an operator sees and ends the sessions of anybody; nobody else does',
	async (t) => {
		const user = await newUser();
		const [one, two, three] = [await user.logIn(), await user.logIn(), await user.logIn()];
		const path = `/api/v1/users/${user.id}/sessions`;
		const sessions = await sessionsOf(operator, path);
		t.is(sessions.length, 3);
		t.true(sessions.every(({current}) => !current));
		const end = (at: string) => server.call(at, {method: 'DELETE', bearer: operator});
		t.is((await end(`${path}/${sessions[0]?.id}`)).status, 200);
		t.is((await me(three.access_token)).status, 401);
		t.is((await me(two.access_token)).status, 200);
		t.is((await end(`${path}/${sessions[0]?.id}`)).text, '{"error":"Session not found"}');
		t.deepEqual((await end(path)).json(), {message: 'Sessions ended successfully', count: 2});
		t.is((await me(one.access_token)).status, 401);
		for (const id of [randomUUID(), 'nonsense']) {
			t.is((await end(`/api/v1/users/${id}/sessions`)).text, '{"error":"User not found"}');
		}
		const token = (await user.logIn()).access_token;
		for (const method of ['GET', 'DELETE']) {
			const refused = await server.call(path, {method, bearer: token});
			t.is(refused.text, '{"error":"This operation requires an operator"}');
		}
	},
);

/** Makes every exchange of the session's tokens so far that much older. */
async function age(sessionId: string | undefined, seconds: number): Promise<void> {
	await db('refresh_tokens')
		.where({session_id: sessionId ?? ''})
		.whereNotNull('used_at')
		.update({used_at: db.raw("used_at - ? * interval '1 second'", [seconds])});
}

test.serial('a refresh whose answer was lost is good again for a client that waited', async (t) => {
	const user = await newUser();
	const opened = await user.logIn();
	const next = tokensSchema.parse((await refresh(opened.refresh_token)).json());
	const [session] = await sessionsOf(next.access_token);
	await age(session?.id, 62);
	const again = tokensSchema.parse((await refresh(opened.refresh_token)).json());
	t.is(again.refresh_token, next.refresh_token);
	t.is((await me(next.access_token)).status, 200);
	t.is((await refresh(again.refresh_token)).status, 200);
});

for (const {when, seconds, isUsed} of [
	{when: 'after the grace of a lost answer', seconds: 71, isUsed: false},
	{when: 'ten seconds after its exchange, its successor in use', seconds: 11, isUsed: true},
]) {
	test.serial(
		`S-58: a refresh token that comes back ${when} ends the session, and that is on record`,
		async (t) => {
			const user = await newUser();
			const opened = await user.logIn();
			const next = tokensSchema.parse((await refresh(opened.refresh_token)).json());
			const repeated = tokensSchema.parse((await refresh(opened.refresh_token)).json());
			t.is(repeated.refresh_token, next.refresh_token, 'at once it has the same successor');
			if (isUsed) t.is((await refresh(next.refresh_token)).status, 200);
			const [session] = await sessionsOf(next.access_token);
			await age(session?.id, seconds);
			t.is((await refresh(opened.refresh_token)).status, 401);
			t.is((await refresh(next.refresh_token)).status, 401);
			t.is((await me(next.access_token)).status, 401);
			const entry = (await entriesOf(db, applianceChain)).findLast(
				({target}) => target.id === session?.id,
			);
			t.like(entry, {action: 'session.reuse', outcome: 'refused', details: {user_id: user.id}});
		},
	);
}

test.serial('S-59: of ten parallel exchanges one line goes on', async (t) => {
	const user = await newUser();
	const opened = await user.logIn();
	const answers = await Promise.all(Array.from({length: 10}, () => refresh(opened.refresh_token)));
	const successors = answers
		.filter(({status}) => status === 200)
		.map((answer) => tokensSchema.parse(answer.json()).refresh_token);
	t.is(new Set(successors).size, 1);
	const [session] = await sessionsOf(opened.access_token);
	const open = await db('refresh_tokens')
		.where({session_id: session?.id ?? ''})
		.whereNull('used_at');
	t.is(open.length, 1);
});

test.serial(
	'a session ends seven days after its login, and with a refresh token that waited twelve hours',
	async (t) => {
		const user = await newUser();
		const hours = async (table: string, where: string) => {
			const {rows} = await db.raw<{rows: {hours: number}[]}>(
				`select extract(epoch from expires_at - now())::float8 / 3600 as hours from ${table} where ${where}`,
				[user.id],
			);
			return rows.map((row) => Math.round(row.hours));
		};
		const ofSession =
			'used_at is null and session_id in (select id from sessions where user_id = ?)';
		const idle = await user.logIn();
		t.deepEqual(await hours('sessions', 'user_id = ?'), [7 * 24]);
		t.deepEqual(await hours('refresh_tokens', ofSession), [12]);
		await db('sessions')
			.where({user_id: user.id})
			.update({expires_at: db.raw("now() + interval '20 hours'")});
		const next = tokensSchema.parse((await refresh(idle.refresh_token)).json());
		t.deepEqual(await hours('sessions', 'user_id = ?'), [20], 'an exchange does not prolong it');
		t.deepEqual(await hours('refresh_tokens', ofSession), [12]);

		const expire = db.raw('now()');
		await db('refresh_tokens').whereNull('used_at').update({expires_at: expire});
		t.is((await refresh(next.refresh_token)).status, 401);

		const old = await user.logIn();
		t.is((await me(old.access_token)).status, 200);
		await db('sessions').where({user_id: user.id}).update({expires_at: expire});
		t.is((await me(old.access_token)).status, 401);
		t.is((await refresh(old.refresh_token)).status, 401);
		t.deepEqual(await sessionsOf(operator, `/api/v1/users/${user.id}/sessions`), []);
	},
);

test.serial('a session that waited too long for its refresh token is not listed', async (t) => {
	const user = await newUser();
	await user.logIn();
	await db('sessions')
		.where({user_id: user.id})
		.update({last_used_at: db.raw("now() - interval '12 hours 1 second'")});
	const token = (await user.logIn()).access_token;
	t.is((await sessionsOf(token)).length, 1);
});

test.serial(
	'whoever has a refresh token of a session that is over is told why; nobody else is told anything',
	async (t) => {
		const user = await newUser();
		const opened = async () => {
			const tokens = await user.logIn();
			const [session] = (await sessionsOf(tokens.access_token)).filter(({current}) => current);
			return {...tokens, id: session?.id ?? ''};
		};
		type Opened = Awaited<ReturnType<typeof opened>>;
		const remove = (path: string, bearer: string) => server.call(path, {method: 'DELETE', bearer});
		const ofUser = `/api/v1/users/${user.id}`;
		const set = (id: string, columns: Record<string, Knex.Raw>) =>
			db('sessions').where({id}).update(columns);
		const ways: [SessionEnd, (session: Opened) => Promise<unknown>][] = [
			[
				'logged_out',
				({access_token: bearer}) => server.call('/api/v1/auth/logout', {method: 'POST', bearer}),
			],
			['logged_out_everywhere', ({access_token}) => remove('/api/v1/auth/sessions', access_token)],
			['ended_by_operator', ({id}) => remove(`${ofUser}/sessions/${id}`, operator)],
			['expired', ({id}) => set(id, {expires_at: db.raw('now()')})],
			[
				'idle',
				({id: session_id}) =>
					db('refresh_tokens')
						.where({session_id})
						.update({expires_at: db.raw('now()')}),
			],
			[
				'refresh_token_reused',
				async ({id, refresh_token}) => {
					await refresh(refresh_token);
					await age(id, 71);
				},
			],
			[
				'restored_from_backup',
				({id}) =>
					set(id, {ended_at: db.raw('now()'), ended_reason: db.raw("'restored from a backup'")}),
			],
			[
				'user_disabled',
				async () =>
					server.call(ofUser, {method: 'PATCH', bearer: operator, body: {disabled: true}}),
			],
		];
		for (const [why, end] of ways) {
			const session = await opened();
			await end(session);
			const answer = await refresh(session.refresh_token);
			t.is(answer.status, 401, why);
			t.is(answer.text, '{"error":"Invalid or missing API key"}', why);
			t.is(answer.headers['latchkey-error-code'], 'unauthorized', why);
			t.is(answer.headers['latchkey-session-end'], why);
			// It is the same the second time.
			t.is((await refresh(session.refresh_token)).headers['latchkey-session-end'], why);
			// Whatever else is refused says what it always said.
			const refused = await me(session.access_token);
			if (refused.status === 401) t.is(refused.headers['latchkey-session-end'], undefined, why);
		}
		const unknown = await refresh(`hklrt_${'a'.repeat(43)}`);
		t.is(unknown.status, 401);
		t.is(unknown.text, '{"error":"Invalid or missing API key"}');
		t.is(unknown.headers['latchkey-session-end'], undefined);
	},
);
