import {spawn} from 'node:child_process';
import {once} from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import {createInterface} from 'node:readline';
import test from 'ava';
import type {AuditEntry} from '../../contract/audit-trail.ts';
import type {FullKey, Key, KeyDetail} from '../../contract/keys.ts';
import type {RotatedKey} from '../../contract/rotation.ts';
import type {Organisation} from '../../contract/organisations.ts';
import type {ServiceAccount} from '../../contract/service-accounts.ts';
import type {Session} from '../../contract/sessions.ts';
import type {Source} from '../../contract/sources.ts';
import type {User} from '../../contract/users.ts';
import type {Delivery, Endpoint} from '../../contract/webhooks.ts';
import {main} from '../../tui/main.ts';
import {audit, fetchKeys} from '../audit/command.ts';
import {administrator, type Appliance, createAppliance, type Server} from '../helpers/appliance.ts';
import {eventually} from '../helpers/program.ts';
import {createReceiver} from '../webhooks/receiver.ts';
import {createScreen} from './screen.ts';
import {makeHome, type Result, runScript} from './script.ts';

/*
What the commands do to each thing that the API has, against a real server and worker.
*/

let appliance: Appliance;
let server: Server;
const home = makeHome();
const webhookEnv = {
	LATCHKEY_WEBHOOK_ALLOWED_NETWORKS: 'loopback',
	LATCHKEY_WEBHOOK_RETRY_SECONDS: '1,1',
};

test.before(async () => {
	appliance = await createAppliance();
	[server] = await Promise.all([
		appliance.startServer(webhookEnv),
		appliance.startWorker(webhookEnv),
	]);
	const {status, stderr} = await logIn(home, administrator);
	if (status !== 0) throw new Error(stderr);
});

test.after.always(() => appliance.stop());

function run(argv: readonly string[], env: Record<string, string> = {}, stdin = '') {
	return runScript(argv, {HOME: home, LATCHKEY_URL: server.url, ...env}, stdin);
}

async function json<T>(argv: readonly string[]): Promise<T> {
	const {status, stdout, stderr} = await run([...argv, '--json']);
	if (status !== 0) throw new Error(stderr);
	return JSON.parse(stdout) as T;
}

function logIn(HOME: string, who: {email: string; password: string}): Promise<Result> {
	return run(['login', '--email', who.email, '--password-stdin'], {HOME}, who.password);
}

async function makeTeam(name: string): Promise<Organisation> {
	return json<Organisation>(['orgs', 'create', '--name', name, '--plan', 'team']);
}

test('a key is suspended with a reason, is found by it, and is resumed', async (t) => {
	const made = await json<FullKey>(['keys', 'create', '--name', 'paused']);
	const suspended = await run(['keys', 'suspend', made.id, '--reason', 'odd traffic']);
	t.is(suspended.status, 0);
	t.is(suspended.stdout, `${made.id}\n`);
	t.regex(suspended.stderr, /^Suspended paused: refused everywhere \(1 server, [\d,]+ ms\):$/m);
	const shown = await run(['keys', 'show', made.id]);
	t.regex(shown.stdout, /^status +suspended \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC: odd traffic$/m);
	const found = await json<Key[]>(['keys', 'list', '--filter', 'status:suspended']);
	t.deepEqual(
		found.map(({id}) => id),
		[made.id],
	);
	t.like(await json<FullKey>(['keys', 'resume', made.id.toUpperCase()]), {
		id: made.id,
		status: 'active',
	});
	t.like(await json<FullKey>(['keys', 'suspend', made.id]), {status: 'suspended'});
	const {status, stderr} = await run(['keys', 'suspend', made.id, '--reason', '']);
	t.is(status, 2, stderr);
});

test('a key is rotated with a grace, which is finished or cancelled', async (t) => {
	const made = await json<FullKey>(['keys', 'create', '--name', 'turning', '--scopes', 'a.b']);
	const rotated = await run(['keys', 'rotate', made.id, '--grace', '7d', '--scopes', 'everything']);
	t.is(rotated.status, 0, rotated.stderr);
	t.regex(rotated.stdout, /^hklst_\w+\n$/);
	t.regex(rotated.stderr, /^Rotated turning \([\da-f-]+\): hklst_\w+… goes on until \d{4}-/m);
	const shown = await run(['keys', 'show', made.id]);
	t.regex(shown.stdout, /^status +rotating, goes on until \d{4}-/m);
	const again = await run(['keys', 'rotate', made.id]);
	t.is(again.status, 6);
	t.regex(again.stderr, /already been rotated; its successor is [\da-f-]{36}/);
	const unsure = await run(['keys', 'finish', made.id]);
	t.is(unsure.status, 2, 'it asks for --yes where nobody can be asked');

	t.like(await json<FullKey>(['keys', 'cancel', made.id, '--yes']), {
		id: made.id,
		status: 'active',
		replaced_by_id: null,
	});
	const next = await json<RotatedKey>(['keys', 'rotate', made.id, '--unused', '2h']);
	t.like(next, {replaces_id: made.id, scopes: ['a.b'], previous: {id: made.id}});
	const finished = await run(['keys', 'finish', next.id, '--yes']);
	t.is(finished.stdout, `${next.id}\n`);
	t.regex(
		finished.stderr,
		/^Finished the rotation of turning: the old key is refused everywhere \(1 server, [\d,]+ ms\):$/m,
	);
	const last = await json<RotatedKey>(['keys', 'rotate', next.id, '--grace', '0s']);
	t.is(last.previous.grace_until, null);
});

test('a key is revoked with a reason and a note, and shows them; without, it has none', async (t) => {
	const made = await json<FullKey>(['keys', 'create', '--name', 'leaked']);
	const why = ['--reason', 'key_compromise', '--note', 'in a public log'];
	t.is((await run(['keys', 'revoke', made.id, '--yes', ...why])).status, 0);
	t.like(await json<KeyDetail>(['keys', 'show', made.id]), {
		revocation_reason: 'key_compromise',
		revocation_note: 'in a public log',
	});
	const shown = await run(['keys', 'show', made.id]);
	t.regex(shown.stdout, /^status +revoked .* \(key_compromise: .*\): in a public log$/m);
	const other = await json<FullKey>(['keys', 'create', '--name', 'ended']);
	const wrong = await run(['keys', 'revoke', other.id, '--yes', '--reason', 'boredom']);
	t.is(wrong.status, 2);
	t.regex(wrong.stderr, /--reason/);
	t.like(await json<KeyDetail>(['keys', 'show', other.id]), {revoked_at: null});
	t.is((await run(['keys', 'revoke', other.id, '--yes'])).status, 0);
	t.like(await json<KeyDetail>(['keys', 'show', other.id]), {revocation_note: null});
});

test('what a key carries is changed by options, and taken away by their word for none', async (t) => {
	const made = await json<FullKey>(['keys', 'create', '--name', 'changing']);
	const argv = ['keys', 'update', made.id, '--name', 'changed', '--ip-allow', '10.0.0.0/8'];
	const updated = await run([...argv, '--expires', '90d']);
	t.is(updated.status, 0, updated.stderr);
	t.is(updated.stdout, `${made.id}\n`);
	t.regex(updated.stderr, /^Updated changed: in force everywhere \(1 server, [\d,]+ ms\):$/m);
	const shown = await json<FullKey>(['keys', 'show', made.id]);
	t.like(shown, {name: 'changed', ip_allow: ['10.0.0.0/8'], version: 2});
	t.not(shown.expires_at, null);
	const lifting = ['--ip-allow', 'everywhere', '--ip-deny', 'none', '--expires', 'Never'];
	const lifted = await json<FullKey>(['keys', 'update', made.id, ...lifting]);
	t.like(lifted, {name: 'changed', ip_allow: null, expires_at: null, version: 3});
	t.is((await run(['keys', 'update', made.id])).status, 2);
	t.is((await run(['keys', 'update', made.id, '--ip-allow', '10.0.0.1/8'])).status, 2);
});

test('a key has an end that is a span, is shown, and a dry run revokes nothing', async (t) => {
	const from = Date.now();
	const argv = ['keys', 'create', '--name', 'for a while', '--expires', '90d'];
	const made = await json<FullKey>(argv);
	const days = (Date.parse(made.expires_at ?? '') - from) / 86_400_000;
	t.true(days > 89.9 && days < 90.1);
	const shown = await json<FullKey>(['keys', 'show', made.id.toUpperCase()]);
	t.like(shown, {id: made.id, name: 'for a while', expires_at: made.expires_at, revoked_at: null});
	t.false('key' in shown);
	const text = await run(['keys', 'show', made.id]);
	t.regex(text.stdout, /^status +active$/m);
	t.regex(text.stdout, /^expires +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC, in 90d$/m);
	const full = await json<FullKey[]>(['keys', 'list', '--full', '--filter', made.id]);
	t.is(full.length, 1);
	t.like(shown, full[0] ?? {});

	const dry = await run(['keys', 'revoke', made.id, '--dry-run', '--json']);
	t.is(dry.status, 0);
	t.deepEqual(JSON.parse(dry.stdout), {
		would_revoke: [made.id],
		already_revoked: [],
		failed: [],
	});
	t.is((await run(['keys', 'revoke', made.id, '--dry-run'], {LATCHKEY_READONLY: '1'})).status, 0);
	const said = await run(['keys', 'revoke', made.id, 'nothing', '--dry-run']);
	t.is(said.status, 9);
	t.regex(said.stderr, /Would revoke .+ for a while \(never used\)\n/);
	t.regex(said.stderr, /Not revoked nothing: No API key is called nothing/);
	t.is((await json<FullKey>(['keys', 'show', made.id])).revoked_at, null);
	t.is((await run(['keys', 'revoke', made.id, '--yes'])).status, 0);
	t.regex((await run(['keys', 'show', made.id])).stdout, /^status +revoked /m);
	t.is((await run(['keys', 'create', '--name', 'x', '--expires', '90 days'])).status, 2);
});

test('a key is bound to networks, which are shown with it and named in the list', async (t) => {
	const {id: org} = await makeTeam('Bound');
	const create = ['keys', 'create', '--org', org, '--name', 'bound', '--ip-allow'];
	const made = await json<FullKey>([...create, '10.20.0.0/16, 2001:DB8::1']);
	t.deepEqual(made.ip_allow, ['10.20.0.0/16', '2001:db8::1/128']);
	const shown = await run(['keys', 'show', made.id, '--org', org]);
	t.regex(shown.stdout, /^only from +10\.20\.0\.0\/16, 2001:db8::1\/128$/m);
	const list = await run(['keys', 'list', '--org', org]);
	t.regex(list.stdout, /^ID .+ CREATED +TERMS\n.+ only from\n$/);
	const refused = await run([...create, '10.20.3.4/16']);
	t.is(refused.status, 2);
	t.is(
		refused.stderr,
		'latchkey: --ip-allow: 10.20.3.4/16 has host bits set: write 10.20.0.0/16.\n',
	);
	const many = Array.from({length: 101}, (_, at) => `10.0.${at}.0/24`).join(',');
	const tooMany = await run([...create, many]);
	t.is(tooMany.status, 2);
	t.regex(tooMany.stderr, /--ip-allow must have at most 100 networks/);
});

test('an organisation is renamed; taking its keys away needs a yes', async (t) => {
	const {id} = await makeTeam('Gamma');
	t.is((await json<Organisation>(['orgs', 'update', 'gamma', '--name', 'Delta'])).name, 'Delta');
	t.is((await run(['orgs', 'update', id])).status, 2);
	const refused = await run(['orgs', 'update', id, '--plan', 'free']);
	t.is(refused.status, 2);
	t.regex(refused.stderr, /--yes/);
	t.is((await json<Organisation>(['orgs', 'show', id])).plan, 'team');
	const screen = createScreen();
	const environment = {HOME: home, LATCHKEY_URL: server.url};
	const asked = main(['orgs', 'update', id, '--plan', 'free'], environment, screen.streams);
	await screen.shows('Delta has 0 keys that work');
	await screen.shows('Type Delta to move it to free:');
	screen.type('Gamma\r');
	t.is(await asked, 2);
	await screen.shows('That is not Delta.');
	t.is((await json<Organisation>(['orgs', 'show', 'Delta'])).plan, 'team');
	const again = main(['orgs', 'update', id, '--plan', 'free'], environment, screen.streams);
	await screen.shows('Nothing was changed.');
	await screen.shows(/Type Delta[\s\S]*Type Delta/);
	screen.type('Delta\r');
	t.is(await again, 0);
	screen.close();
	t.is((await json<Organisation>(['orgs', 'show', 'Delta'])).plan, 'free');
	t.is((await json<Organisation>(['orgs', 'update', id, '--plan', 'team'])).plan, 'team');
});

test('a source is made, changed and deleted, in the organisation that is asked for', async (t) => {
	const {id: org} = await makeTeam('with sources');
	const make = ['sources', 'create', '--name', 'logs', '--type', 's3', '--org', org];
	const {stdout, stderr} = await run(make);
	t.regex(stdout, /^[\da-f-]{36}\n$/);
	t.is(stderr, 'Created logs:\n');
	const id = stdout.trim();
	const changed = await json<Source>(['sources', 'update', id, '--type', 'http', '--org', org]);
	t.like(changed, {id, name: 'logs', type: 'http'});
	t.is((await run(['sources', 'show', id])).status, 3, 'it is in no other organisation');
	t.regex((await run(['sources', 'list', '--org', org])).stdout, /^ID +NAME +TYPE +CREATED\n/);
	t.is((await run(['sources', 'update', id, '--org', org])).status, 2);
	t.is((await run(['sources', 'delete', id, '--org', org, '--yes'])).status, 0);
	t.deepEqual(await json(['sources', 'list', '--org', org]), []);
});

test('somebody is invited, becomes a member, gets another role and goes', async (t) => {
	const {id: org} = await makeTeam('with members');
	const in_ = ['--org', org];
	const withdrawn = ['invitations', 'create', '--email', 'no@example.com', '--role', 'viewer'];
	const {id} = await json<{id: string}>([...withdrawn, ...in_]);
	t.is((await run(['invitations', 'withdraw', id, '--yes', ...in_])).status, 0);
	t.deepEqual(await json(['invitations', 'list', ...in_]), []);

	const invite = ['invitations', 'create', '--email', 'ana@example.com', '--role', 'viewer'];
	const {stdout: code, stderr} = await run([...invite, ...in_]);
	t.false(stderr.includes(code.trim()), 'the code is on stdout alone');
	const password = 'nine quiet cats at night';
	const body = {code: code.trim(), password};
	t.is((await server.call('/api/v1/invitations/accept', {body})).status, 200);
	const change = ['members', 'change', 'ANA@example.com', '--role', 'developer', ...in_];
	t.is((await run(change)).stderr, 'ana@example.com is developer:\n');
	t.regex((await run(['members', 'list', ...in_])).stdout, /ana@example\.com +developer/);
	t.is((await run(['members', 'remove', 'bob@example.com', '--yes', ...in_])).status, 3);
	t.is((await run(['members', 'remove', 'ana@example.com', '--yes', ...in_])).status, 0);
	t.is((await json<unknown[]>(['members', 'list', ...in_])).length, 1);
	const last = await run(['members', 'remove', administrator.email, '--yes', ...in_]);
	t.is(last.status, 6, 'the last owner stays');
});

test('an operator makes a user, who is disabled and whose sessions are ended', async (t) => {
	const file = path.join(makeHome(), 'code');
	const make = ['users', 'create', '--email', 'eve@example.com', '--out', file];
	const made = await run([...make, '--json']);
	t.false('code' in (JSON.parse(made.stdout) as object));
	t.is((await run(make)).status, 2, 'the file is there already');
	const code = fs.readFileSync(file, 'utf8').trim();
	const password = 'six loud birds at dawn';
	const body = {code, password};
	t.is((await server.call('/api/v1/auth/password-reset', {body})).status, 200);
	const eve = {email: 'eve@example.com', password};
	const own = makeHome();
	t.is((await logIn(own, eve)).status, 0);
	t.is((await run(['users', 'list'], {HOME: own})).status, 5);

	const of = ['--user', eve.email];
	const [session] = await json<Session[]>(['sessions', 'list', ...of]);
	t.is((await run(['sessions', 'end', session?.id ?? '', ...of])).status, 0);
	t.is((await run(['whoami'], {HOME: own})).status, 4);
	t.is((await logIn(own, eve)).status, 0);
	t.is((await run(['sessions', 'end', '--all'], {HOME: own})).stderr, 'Ended 1.\n');
	t.is((await run(['whoami'], {HOME: own})).status, 4);
	t.is((await run(['sessions', 'end'], {HOME: own})).status, 2);

	t.true((await json<User>(['users', 'promote', eve.email])).operator);
	t.false((await json<User>(['users', 'demote', eve.email])).operator);
	t.true((await json<User>(['users', 'disable', eve.email])).disabled);
	t.is((await logIn(own, eve)).status, 4);
	t.false((await json<User>(['users', 'enable', eve.email])).disabled);
	const reset = await run(['users', 'reset-password', eve.email]);
	t.regex(reset.stdout, /^\S{20,}\n$/);
	t.false(reset.stderr.includes(reset.stdout.trim()));
	t.is((await run(['users', 'create', '--email', eve.email])).status, 6);
});

test('a service account gets secrets, two at most, and stops when it is disabled', async (t) => {
	const noun = 'service-accounts';
	const made = await json<ServiceAccount>([noun, 'create', '--name', 'CI', '--role', 'viewer']);
	t.is((await run([noun, 'create', '--name', 'CI', '--role', 'owner'])).status, 2);
	const file = path.join(makeHome(), 'secret');
	const first = await run([noun, 'new-secret', made.id, '--out', file]);
	t.regex(first.stdout, /^[\da-f-]{36}\n$/);
	t.is(fs.statSync(file).mode & 0o777, 0o600);
	const machine = {
		HOME: makeHome(),
		LATCHKEY_CLIENT_ID: made.id,
		LATCHKEY_CLIENT_SECRET_FILE: file,
	};
	t.is((await run(['keys', 'list'], machine)).status, 0);
	t.is((await run([noun, 'new-secret', made.id, '--expires', '30d'])).status, 0);
	const third = path.join(makeHome(), 'third');
	t.is((await run([noun, 'new-secret', made.id, '--out', third])).status, 6);
	t.false(fs.existsSync(third), 'no empty file is left');
	t.is((await json<unknown[]>([noun, 'secrets', made.id])).length, 2);

	t.like(await json([noun, 'update', made.id, '--role', 'developer']), {role: 'developer'});
	t.like(await json([noun, 'disable', made.id]), {disabled: true});
	t.is((await run(['keys', 'list'], machine)).status, 4);
	t.like(await json([noun, 'enable', made.id]), {disabled: false});
	t.is((await run(['keys', 'list'], machine)).status, 0);
	const revoke = [noun, 'revoke-secret', made.id];
	t.is((await run([...revoke, '--yes'])).status, 2);
	t.is((await run([...revoke, first.stdout.trim(), '--yes'])).status, 0);
	t.is((await run(['keys', 'list'], machine)).status, 4);
	t.is((await run([noun, 'delete', made.id, '--yes'])).status, 0);
	t.is((await run([noun, 'show', made.id])).status, 3);
});

test('a webhook is made, tested and stopped, and what it missed is sent after a count', async (t) => {
	const receiver = await createReceiver();
	t.teardown(() => receiver.close());
	const {id: org} = await makeTeam('with webhooks');
	const in_ = ['--org', org];
	const port = new URL(receiver.url).port;
	t.truthy(port);
	const make = ['webhooks', 'create', '--to', receiver.url, '--events', 'key.created', ...in_];
	const made = await run(make);
	t.regex(made.stdout, /^whsec_\S+\n$/);
	t.false(made.stderr.includes(made.stdout.trim()));
	const [endpoint] = await json<Endpoint[]>(['webhooks', 'list', ...in_]);
	const id = endpoint?.id ?? '';
	const tested = await run(['webhooks', 'test', id, '--event', 'key.revoked', ...in_]);
	t.is(tested.status, 0);
	t.regex(tested.stdout, /^result +succeeded$/m);

	const createKey = () => json<Key>(['keys', 'create', '--name', 'told', ...in_]);
	await createKey();
	const list = ['webhooks', 'deliveries', '--webhook', id, '--since', '1h', ...in_];
	const delivery = await eventually(async () => {
		const [first] = await json<Delivery[]>([...list, '--status', 'succeeded']);
		return first;
	});
	t.regex((await run(list)).stdout, /key\.created +succeeded/);
	t.deepEqual(await json([...list, '--event', 'key.revoked']), []);
	t.is((await run([...list, '--since', 'yesterday'])).status, 2);
	const shown = await run(['webhooks', 'delivery', delivery.id, ...in_]);
	t.regex(shown.stdout, /^payload +\{"id":"msg_/m);
	t.regex(shown.stdout, /^1 +\d{4}.+ succeeded +204/m);
	const again = await json<Delivery>(['webhooks', 'replay', delivery.id, ...in_]);
	t.is(again.event_id, delivery.event_id);

	t.like(await json(['webhooks', 'disable', id, ...in_]), {status: 'disabled'});
	t.is((await run(['webhooks', 'replay', delivery.id, ...in_])).status, 6);
	await createKey();
	await createKey();
	t.like(await json(['webhooks', 'enable', id, ...in_]), {status: 'active'});
	const missing = ['webhooks', 'replay-many', id, '--which', 'missing', '--since', '1h', ...in_];
	t.deepEqual(await json([...missing, '--dry-run']), {count: 2, dry_run: true});
	const unsure = await run(missing);
	t.is(unsure.status, 2);
	t.regex(unsure.stderr, /--yes/);
	const screen = createScreen();
	const environment = {HOME: home, LATCHKEY_URL: server.url};
	const asked = main(missing, environment, screen.streams);
	await screen.shows('Send 2 events again? [y/N]');
	screen.type('n\r');
	t.is(await asked, 2);
	screen.close();
	t.deepEqual(await json([...missing, '--dry-run']), {count: 2, dry_run: true});
	t.like(JSON.parse((await run([...missing, '--yes', '--json'])).stdout), {count: 2});
	t.like(JSON.parse((await run([...missing, '--yes', '--json'])).stdout), {count: 0});

	const rotated = await run(['webhooks', 'rotate-secret', id, '--grace', '1h', ...in_]);
	t.regex(rotated.stdout, /^whsec_\S+\n$/);
	t.not(rotated.stdout, made.stdout);
	t.is((await run(['webhooks', 'rotate-secret', id, '--grace', '8d', ...in_])).status, 2);
	t.regex((await run(['webhooks', 'show', id, ...in_])).stdout, /^events +key\.created$/m);
	t.like(await json(['webhooks', 'update', id, '--events', 'all', ...in_]), {event_types: null});
	t.is((await run(['webhooks', 'delete', id, '--yes', ...in_])).status, 0);
	t.deepEqual(await json(['webhooks', 'list', ...in_]), []);
});

test('the audit trail is filtered, and an export of it proves itself', async (t) => {
	const {id: org} = await makeTeam('with a trail');
	const in_ = ['--org', org];
	const {id} = await json<Key>(['keys', 'create', '--name', 'audited', ...in_]);
	await json(['keys', 'create', '--name', 'another', ...in_]);
	await run(['keys', 'revoke', id, '--yes', ...in_]);
	const entries = await json<AuditEntry[]>(['audit', 'list', '--target', id, ...in_]);
	t.deepEqual(
		entries.map(({action}) => action),
		['key.revoked', 'key.created'],
	);
	const filters = ['--action', 'key.created,key.expired', '--since', '1h', '--outcome', 'success'];
	t.is((await json<unknown[]>(['audit', 'list', ...filters, ...in_])).length, 2);
	t.is((await json<unknown[]>(['audit', 'list', ...filters, '--limit', '1', ...in_])).length, 1);
	const table = await run(['audit', 'list', ...in_]);
	t.regex(table.stdout, /key\.revoked +success +user admin@example\.com +api_key audited +127\./);
	t.is((await run(['audit', 'list', '--action', 'key.lost', ...in_])).status, 2);
	const appliance_ = await json<AuditEntry[]>(['audit', 'list', '--appliance']);
	t.true(appliance_.some(({action}) => action === 'setup.completed'));

	const file = path.join(makeHome(), 'audit.ndjson');
	t.is((await run(['audit', 'export', '--out', file, ...in_])).status, 0);
	t.is(fs.statSync(file).mode & 0o777, 0o600);
	const keys = await fetchKeys(server);
	const proof = await audit(appliance.env, 'verify', '--file', file, '--keys', keys);
	t.is(proof.status, 0, proof.said);
	const {stdout} = await run(['audit', 'export', '--after', '1', ...in_]);
	t.regex(stdout, /^\{"export":"latchkey-audit-v1",[^\n]+"after":1,/);
	const [lastLine = ''] = stdout.trimEnd().split('\n').slice(-1);
	t.like(JSON.parse(lastLine), {export: 'end', chain: org});
	t.is((await run(['audit', 'export', '--out', file, ...in_])).status, 2);
});

test('a followed trail goes on with what is new, until it is interrupted', async (t) => {
	const {id: org} = await makeTeam('followed');
	await json(['keys', 'create', '--name', 'before', '--org', org]);
	const child = follow(['--jsonl', '--action', 'key.created', '--org', org]);
	t.teardown(() => child.kill('SIGKILL'));
	const lines = createInterface({input: child.stdout})[Symbol.asyncIterator]();
	const next = async () => JSON.parse(String((await lines.next()).value)) as AuditEntry;
	t.is((await next()).target['name'], 'before');
	await json(['keys', 'create', '--name', 'during', '--org', org]);
	t.is((await next()).target['name'], 'during');
	child.kill('SIGINT');
	const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
	t.true(signal === 'SIGINT' || code === 130);
});

test('a reader that has seen enough ends a command without a word', async (t) => {
	const {id: org} = await makeTeam('read in part');
	const child = follow(['--org', org]);
	t.teardown(() => child.kill('SIGKILL'));
	let said = '';
	child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
	await once(child.stdout, 'data');
	child.stdout.destroy();
	// It notices when it writes once more.
	await eventually(
		async () => {
			await run(['keys', 'create', '--name', 'unread', '--org', org]);
			return child.exitCode !== null;
		},
		{withinMs: 120_000, what: 'the command to end'},
	);
	t.is(child.exitCode, 0);
	t.is(said, '');
});

/** Follows a trail as a process of its own, which ends only from outside. */
function follow(options: readonly string[]) {
	const entry = path.join(import.meta.dirname, '../../bundle/latchkey.js');
	return spawn(process.execPath, [entry, 'audit', 'list', '--follow', ...options], {
		env: {PATH: process.env['PATH'], HOME: home, LATCHKEY_URL: server.url},
		stdio: ['ignore', 'pipe', 'pipe'],
	});
}
