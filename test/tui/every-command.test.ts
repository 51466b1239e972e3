import test from 'ava';
import {everyCommand} from '../../tui/commands/commands.ts';
import {administrator, defaultOrganisation, makeMember} from '../helpers/appliance.ts';
import {openServer} from '../helpers/opening.ts';
import {makeHome, type Result, runScript} from './script.ts';

/*
Every command that talks to a server, as an operator and as a viewer, without a session, without a
server, read-only, and without a yes.
*/

const operator = makeHome();
const viewer = makeHome();
const nobody = makeHome();
const {appliance, server} = await openServer({LATCHKEY_WEBHOOK_ALLOWED_NETWORKS: 'loopback'});
const {id} = await defaultOrganisation(server, await server.logIn());
const member = await makeMember(appliance.database, id, 'viewer');
for (const [HOME, who] of [
	[operator, administrator],
	[viewer, member],
] as const) {
	const argv = ['login', '--email', who.email, '--password-stdin'];
	const {status, stderr} = await run(argv, {HOME}, who.password);
	if (status !== 0) throw new Error(stderr);
}

test.after.always(() => appliance.stop());

function run(
	argv: readonly string[],
	env: Record<string, string>,
	stdin?: string,
): Promise<Result> {
	return runScript(argv, {LATCHKEY_URL: server.url, ...env}, stdin);
}

const none = '99999999-9999-4999-8999-999999999999';

/** They begin or end a session, need none, read a key, or go on: these have tests of their own. */
const apart = new Set([
	'login',
	'logout',
	'invitations accept',
	'password reset',
	'keys verify',
	'tail',
]);

/** What stands behind each command, and the exit status for an operator and for a viewer. */
const cases: Record<string, readonly [rest: string, operator: number, viewer: number]> = {
	'keys list': ['', 0, 0],
	'keys show': [none, 3, 3],
	'keys find': ['nowhere', 3, 3],
	'keys create': ['--name x', 0, 5],
	'keys update': [`${none} --name x`, 3, 5],
	'keys suspend': [none, 3, 5],
	'keys resume': [none, 3, 5],
	'keys rotate': [none, 3, 5],
	'keys finish': [`${none} --yes`, 3, 5],
	'keys cancel': [`${none} --yes`, 3, 5],
	'keys explain': [none, 3, 3],
	'keys clients': [none, 3, 3],
	'keys hygiene': ['', 0, 0],
	'keys limits': [none, 3, 3],
	'keys quota': [`${none} --set 0`, 3, 5],
	'keys revoke': [`${none} --yes`, 3, 5],
	'orgs list': ['', 0, 0],
	'orgs show': [none, 3, 3],
	'orgs create': ['--name x', 0, 5],
	'orgs update': [`${none} --name x`, 3, 3],
	'roles list': ['', 0, 0],
	'roles show': [none, 3, 3],
	'roles create': ['--name x --scopes a', 0, 5],
	'roles update': [`${none} --scopes a`, 3, 3],
	'roles delete': [`${none} --yes`, 3, 3],
	'policy show': ['', 0, 0],
	'policy set': ['require_expiry=no', 0, 5],
	'policy impact': ['', 0, 0],
	usage: ['', 0, 0],
	'limits now': ['', 0, 0],
	'limits list': ['', 0, 0],
	'limits show': ['--owner team/nobody', 3, 3],
	'limits set': ['--owner team/x --quota 5/day', 0, 5],
	'limits remove': ['--owner team/nobody --yes', 3, 5],
	'sources list': ['', 0, 0],
	'sources show': [none, 3, 3],
	'sources create': ['--name x --type y', 0, 5],
	'sources update': [`${none} --name x`, 3, 5],
	'sources delete': [`${none} --yes`, 3, 5],
	'members list': ['', 0, 0],
	'members change': [`${none} --role viewer`, 3, 5],
	'members remove': [`${none} --yes`, 3, 5],
	'invitations list': ['', 0, 5],
	'invitations create': ['--email guest@example.com --role viewer', 0, 5],
	'invitations withdraw': [`${none} --yes`, 3, 5],
	'service-accounts list': ['', 0, 5],
	'service-accounts show': [none, 3, 5],
	'service-accounts create': ['--name x --role viewer', 0, 5],
	'service-accounts update': [`${none} --name x`, 3, 5],
	'service-accounts enable': [none, 3, 5],
	'service-accounts disable': [none, 3, 5],
	'service-accounts delete': [`${none} --yes`, 3, 5],
	'service-accounts secrets': [none, 3, 5],
	'service-accounts new-secret': [none, 3, 5],
	'service-accounts revoke-secret': [`${none} ${none} --yes`, 3, 5],
	'webhooks list': ['', 0, 0],
	'webhooks show': [none, 3, 3],
	'webhooks create': ['--to http://127.0.0.1:8080/', 0, 5],
	'webhooks update': [`${none} --events key.revoked`, 3, 5],
	'webhooks enable': [none, 3, 5],
	'webhooks disable': [none, 3, 5],
	'webhooks delete': [`${none} --yes`, 3, 5],
	'webhooks rotate-secret': [none, 3, 5],
	'webhooks end-replaced-secrets': [none, 3, 5],
	'webhooks test': [none, 3, 5],
	'webhooks deliveries': ['', 0, 0],
	'webhooks delivery': [none, 3, 5],
	'webhooks replay': [none, 3, 5],
	'webhooks replay-many': [`${none} --which all --since 1h --yes`, 3, 5],
	'audit list': ['', 0, 5],
	'audit export': ['', 0, 5],
	'users list': ['', 0, 5],
	'users show': [none, 3, 5],
	'users create': ['--email made@example.com', 0, 5],
	'users disable': [none, 3, 5],
	'users enable': [none, 3, 5],
	'users promote': [none, 3, 5],
	'users demote': [none, 3, 5],
	'users reset-password': [none, 3, 5],
	'sessions list': ['', 0, 0],
	'sessions end': [none, 3, 3],
	whoami: ['', 0, 0],
	use: [none, 3, 3],
	status: ['', 0, 0],
	names: ['orgs', 0, 0],
};

const lines = Object.entries(cases).map(([command, [rest, ...expected]]) => ({
	command,
	argv: `${command} ${rest}`.trim().split(' '),
	expected,
}));

test('every command is in this list', async (t) => {
	const remote = (await everyCommand()).filter((command) => 'run' in command);
	const names = remote.map(({path}) => path.join(' ')).filter((name) => !apart.has(name));
	t.deepEqual(Object.keys(cases).toSorted(), names.toSorted());
});

test('what is there, what is not and what a role does not allow have their exit status', async (t) => {
	for (const {argv, expected} of lines) {
		for (const [at, HOME] of [operator, viewer].entries()) {
			const {status, stdout, stderr} = await run([...argv, '--json'], {HOME});
			const what = `${argv.join(' ')}: ${stderr}`;
			t.is(status, expected[at] ?? -1, what);
			if (status !== 0) {
				t.is(stdout, '', what);
				const {error} = JSON.parse(stderr) as {error: Record<string, unknown>};
				t.is(typeof error['code'], 'string', what);
			} else if (argv[1] !== 'export') t.notThrows(() => JSON.parse(stdout), what);
		}
	}
});

test('without a session every command is exit 4, and so with one that has ended', async (t) => {
	for (const {command, argv} of lines) {
		if (command === 'status') continue;
		const absent = await run(argv, {HOME: nobody});
		t.is(absent.status, 4, command);
		t.is(absent.stdout, '', command);
		if (command === 'use') continue;
		const ended = await run(argv, {HOME: nobody, LATCHKEY_TOKEN: 'ended'});
		t.is(ended.status, 4, command);
	}
});

test('without a server every command is exit 7', async (t) => {
	for (const {command, argv} of lines) {
		if (command === 'use') continue;
		const env = {HOME: nobody, LATCHKEY_TOKEN: 'x', LATCHKEY_URL: 'http://127.0.0.1:1'};
		const {status, stdout, stderr} = await run(argv, env);
		t.is(status, 7, command);
		t.is(stdout, '', command);
		t.regex(stderr, /^latchkey: Cannot reach the server/, command);
	}
});

test('LATCHKEY_READONLY stops every command that changes something, and no other', async (t) => {
	const changing = (await everyCommand()).filter(({changes}) => changes === true);
	const names = new Set(changing.map(({path}) => path.join(' ')));
	for (const {command, argv, expected} of lines) {
		const {status, stderr} = await run(argv, {HOME: operator, LATCHKEY_READONLY: '1'});
		if (names.has(command)) t.regex(stderr, /LATCHKEY_READONLY/, command);
		t.is(status, names.has(command) ? 2 : expected[0], command);
	}
});

test('what cannot be undone needs --yes where nobody can be asked', async (t) => {
	const asking = lines.filter(({argv}) => argv.includes('--yes'));
	t.is(asking.length, 12);
	for (const {command, argv} of asking) {
		const unsure = argv.filter((word) => word !== '--yes');
		const {status, stderr} = await run(unsure, {HOME: operator});
		t.is(status, 2, command);
		t.regex(stderr, /Add --yes/, command);
	}
});

test('lists know --limit and --jsonl, and --quiet answers with one id a line', async (t) => {
	for (const {command, argv, expected} of lines) {
		if (!/ (?:list|deliveries)$/.test(command) || expected[0] !== 0) continue;
		const documents = await run([...argv, '--jsonl', '--limit', '1'], {HOME: operator});
		t.is(documents.status, 0, command);
		const [document] = documents.stdout.split('\n');
		if (document !== '') t.notThrows(() => JSON.parse(document ?? ''), command);
		t.true(documents.stdout.split('\n').length <= 2, command);
		const quiet = await run([...argv, '--quiet'], {HOME: operator});
		t.regex(quiet.stdout, /^(?:[\da-f-]{36}\n|\d+\n)*$/, command);
		const wrong = await run([...argv, '--limit', 'some'], {HOME: operator});
		t.is(wrong.status, 2, command);
	}
});
