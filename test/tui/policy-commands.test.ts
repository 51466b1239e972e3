import ava from 'ava';
import type {KeyPolicyState} from '../../contract/key-policies.ts';
import type {KeyPolicyImpact} from '../../contract/key-policy-impact.ts';
import {connectDatabase} from '../../core/db/connect.ts';
import {
	administrator,
	defaultOrganisation,
	makeKey,
	makeMember,
	makeOrganisation,
} from '../helpers/appliance.ts';
import {openServer} from '../helpers/opening.ts';
import {makeHome, type Result, runScript} from './script.ts';

/** One after another: they change the same policies. */
const test = ava.serial;

/*
Key policies by the commands, against a real server.
*/

const {appliance, server} = await openServer();
const {id} = await defaultOrganisation(server, await server.logIn());
const developer = await makeMember(appliance.database, id, 'developer');
const homes = {operator: makeHome(), developer: makeHome()};
for (const [HOME, who] of [
	[homes.operator, administrator],
	[homes.developer, developer],
] as const) {
	const argv = ['login', '--email', who.email, '--password-stdin'];
	const {status, stderr} = await runScript(argv, {HOME, LATCHKEY_URL: server.url}, who.password);
	if (status !== 0) throw new Error(stderr);
}

test.after.always(() => appliance.stop());

function run(line: string, HOME = homes.operator): Promise<Result> {
	return runScript(line.split(' '), {HOME, LATCHKEY_URL: server.url});
}

async function read(options = ''): Promise<KeyPolicyState> {
	const {stdout, stderr} = await run(`policy show --json${options}`);
	return JSON.parse(stdout || stderr) as KeyPolicyState;
}

function lineOf({stdout}: Result, rule: string): string[] {
	const line = stdout.split('\n').find((each) => each.startsWith(`${rule} `)) ?? '';
	return line.split(/\s{2,}/u);
}

test('a policy is set rule by rule, and shown with who asks for each', async (t) => {
	const set = await run(
		'policy set max_lifetime_days=90d default_lifetime_days=2w scope_catalogue=orders.*,invoices.read max_grace_seconds=12h require_ip_allow=yes',
	);
	t.is(set.status, 0, set.stderr);
	t.is(set.stdout, '');
	t.regex(set.stderr, /^Changed the key policy of the organisation: in force /);
	t.like(await read(), {
		own: {
			max_lifetime_days: 90,
			default_lifetime_days: 14,
			scope_catalogue: ['orders.*', 'invoices.read'],
			max_grace_seconds: 43_200,
			require_ip_allow: true,
		},
	});
	const floor = await run('policy set --appliance max_lifetime_days=30 require_expiry=yes');
	t.regex(floor.stderr, /^Changed the key policy of the appliance: in force /);
	const shown = await run('policy show');
	t.deepEqual(lineOf(shown, 'RULE'), ['RULE', 'VALUE', 'FROM', 'OWN']);
	t.deepEqual(lineOf(shown, 'max_lifetime_days'), ['max_lifetime_days', '30d', 'appliance', '90d']);
	t.deepEqual(lineOf(shown, 'require_expiry'), ['require_expiry', 'yes', 'appliance', '-']);
	t.deepEqual(lineOf(shown, 'require_ip_allow'), [
		'require_ip_allow',
		'yes',
		'organisation',
		'yes',
	]);
	t.deepEqual(lineOf(shown, 'scope_catalogue'), [
		'scope_catalogue',
		'orders.*,invoices.read',
		'organisation',
		'orders.*,invoices.read',
	]);
	t.deepEqual(lineOf(shown, 'privileged_scopes'), ['privileged_scopes', 'none', '-', '-']);
	t.like(await read(' --appliance'), {own: {max_lifetime_days: 30}, appliance: null});
});

test('what is printed with --quiet is taken back by policy set', async (t) => {
	const {stdout} = await run('policy show --quiet');
	const before = await read();
	const again = await run(`policy set ${stdout.trim().split('\n').join(' ')} --json`);
	t.is(again.status, 0, again.stderr);
	t.deepEqual((JSON.parse(again.stdout) as KeyPolicyState).own, before.own);
	t.is(before.own.max_lifetime_days, 90);
});

test('a rule that the appliance is tighter in is said to be', async (t) => {
	const {stderr, status} = await run('policy set max_lifetime_days=60d');
	t.is(status, 0);
	t.regex(stderr, /^max_lifetime_days holds as 30d, which is stricter\.$/m);
	t.notRegex(stderr, /require_ip_allow/, 'only what was asked for now');
});

test('rules are taken back by their word, or by nothing', async (t) => {
	const {status, stderr} = await run(
		'policy set max_lifetime_days=none default_lifetime_days= scope_catalogue=any require_ip_allow=no',
	);
	t.is(status, 0, stderr);
	t.like((await read()).own, {
		max_lifetime_days: null,
		default_lifetime_days: null,
		scope_catalogue: null,
		require_ip_allow: false,
		max_grace_seconds: 43_200,
	});
	const none = await run('policy set scope_catalogue=none');
	t.is(none.status, 0);
	t.deepEqual((await read()).own.scope_catalogue, [], 'no scope at all is not any scope');
	t.is((await run('policy set scope_catalogue=any')).status, 0);
});

test('what is wrong is told by its rule, and changes nothing', async (t) => {
	const before = await read();
	const wrong: Record<string, [field: string | undefined, message: RegExp]> = {
		'policy set': [undefined, /^Nothing to change$/],
		'policy set max_life=9': ['max_life', /^There is no rule max_life$/],
		'policy set require_expiry': ['require_expiry', /^require_expiry takes a value/],
		'policy set require_expiry=perhaps': ['require_expiry', /^require_expiry takes yes or no$/],
		'policy set max_lifetime_days=90h': [
			'max_lifetime_days',
			/takes days such as 90 or 90d, or none/,
		],
		'policy set max_lifetime_days=4000': ['max_lifetime_days', /from 1 to 3650/],
		'policy set max_grace_seconds=31d': ['max_grace_seconds', /from 0 to 2592000/],
		'policy set scope_catalogue=a,b.*.c': ['scope_catalogue', /b\.\*\.c must be a scope/],
		'policy set applies_to_existing=all': ['applies_to_existing', /takes report or enforce/],
		'policy set require_expiry=yes require_expiry=no': ['require_expiry', /given twice/],
		// Only the server knows what is there beside it.
		'policy set default_grace_seconds=1d': [
			'default_grace_seconds',
			/^default_grace_seconds must be at most max_grace_seconds, which is 43200$/,
		],
	};
	for (const [line, [field, message]] of Object.entries(wrong)) {
		const {status, stdout, stderr} = await run(`${line} --json`);
		t.is(status, 2, line);
		t.is(stdout, '', line);
		const {error} = JSON.parse(stderr) as {error: {field?: string; message: string}};
		t.is(error.field, field, line);
		t.regex(error.message, message, line);
	}
	t.deepEqual(await read(), before);
});

test('members read it and do not change it; the appliance is for operators', async (t) => {
	const own = await run('policy show', homes.developer);
	t.deepEqual(lineOf(own, 'require_expiry'), ['require_expiry', 'yes', 'appliance', '-']);
	for (const line of ['policy set require_scopes=yes', 'policy show --appliance']) {
		t.is((await run(line, homes.developer)).status, 5, line);
	}
	const both = await run('policy show --appliance --org default');
	t.is(both.status, 2);
	t.regex(both.stderr, /leave --org out/);
});

test('which keys break which rule is told, as it is and before it is changed', async (t) => {
	t.is((await run('policy set --appliance max_lifetime_days=none require_expiry=no')).status, 0);
	const jwt = await server.logIn();
	const {id: org} = await makeOrganisation(server, jwt, 'team');
	const forever = await makeKey(server, jwt, org, 'forever');
	const ancient = await makeKey(server, jwt, org, 'ancient');
	const db = connectDatabase(appliance.database, 'test');
	await db.raw(
		"update api_keys set created_at = now() - interval '400 days' where id = :id",
		ancient,
	);
	await db.destroy();
	const impact = async (rest: string) => {
		const {stdout, stderr} = await run(`policy impact --org ${org} --json${rest}`);
		return JSON.parse(stdout || stderr) as KeyPolicyImpact;
	};
	const now = await impact('');
	t.like(now.counts, {keys: 2, affected: 0, refused: 0});
	const proposed = await impact(' max_lifetime_days=365d applies_to_existing=enforce');
	t.like(proposed.counts, {keys: 2, affected: 2, outlived: 1, refused: 1});
	t.deepEqual(
		proposed.keys.map(({id: key, refused}) => [key, refused]),
		[
			[ancient.id, true],
			[forever.id, false],
		],
	);
	t.deepEqual((await impact('')).counts, now.counts, 'nothing was changed');

	const reported = await run(`policy set --org ${org} max_lifetime_days=365d`);
	t.is(reported.status, 0, reported.stderr);
	t.regex(reported.stderr, /^max_lifetime_days is broken by 2 keys: see `policy impact`\.$/m);
	const enforce = `policy set --org ${org} applies_to_existing=enforce`;
	const unsure = await run(enforce);
	t.is(unsure.status, 2);
	t.regex(unsure.stderr, /1 key that works is refused at once.*there is no terminal/);
	t.regex(unsure.stderr, /Add --yes/);
	t.is((await server.call('/api/v1/sources', {bearer: ancient.key})).status, 200);
	t.is((await run(`${enforce} --yes`)).status, 0);
	t.is((await server.call('/api/v1/sources', {bearer: ancient.key})).status, 401);

	const shown = await run(`policy impact --org ${org}`);
	t.deepEqual(lineOf(shown, 'keys'), ['keys', '2']);
	t.deepEqual(lineOf(shown, 'refused'), ['refused for it', '1']);
	t.deepEqual(lineOf(shown, 'max_lifetime_days'), ['max_lifetime_days', '2']);
	const [, name, , breaks] = lineOf(shown, ancient.id);
	t.deepEqual([name, breaks], ['ancient', 'max_lifetime_days']);
	const some = await run(`policy impact --org ${org} --rule max_lifetime_days --limit 1 --quiet`);
	t.is(some.stdout, `${ancient.id}\n`);
	const more = await run(`policy impact --org ${org} --limit 1`);
	t.regex(more.stderr, /There are more/);
	const all = await run('policy impact --appliance');
	t.regex(all.stdout, /ORGANISATION$/m);
});

test('help names every rule with what it takes', async (t) => {
	const {stdout, status} = await run('policy set --help');
	t.is(status, 0);
	t.regex(stdout, /^Usage: latchkey policy set RULE=VALUE… \[options\]$/m);
	for (const rule of Object.keys((await read()).own)) t.true(stdout.includes(`${rule}=`), rule);
	t.true(stdout.split('\n').every((line) => line.length <= 80));
});
