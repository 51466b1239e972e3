import test from 'ava';
import type {KeyHygiene} from '../../contract/key-hygiene.ts';
import {administrator, makeKey, makeOrganisation} from '../helpers/appliance.ts';
import {openAppliance} from '../helpers/opening.ts';
import {makeHome, type Result, runScript} from './script.ts';

const {appliance, server, jwt, db} = await openAppliance();
const HOME = makeHome();

test.after.always(() => appliance.stop());

test.before(async () => {
	const argv = ['login', '--email', administrator.email, '--password-stdin'];
	const env = {HOME, LATCHKEY_URL: server.url};
	const {status, stderr} = await runScript(argv, env, administrator.password);
	if (status !== 0) throw new Error(stderr);
});

function run(line: string): Promise<Result> {
	return runScript(line.split(' '), {HOME, LATCHKEY_URL: server.url});
}

/** Keys that were never used, made so many days ago. */
async function keysOf(...ages: number[]) {
	const {id: org} = await makeOrganisation(server, jwt, 'team');
	const ids: string[] = [];
	for (const days of ages) {
		const {id} = await makeKey(server, jwt, org, `made ${days} days ago`);
		await db.raw("update api_keys set created_at = now() - ? * interval '24 hours' where id = ?", [
			days,
			id,
		]);
		ids.push(id);
	}
	return {org, ids};
}

const cellsOf = ({stdout}: Result, start: string) =>
	(stdout.split('\n').find((line) => line.startsWith(start)) ?? '').split(/\s{2,}/u);

test('the report tells how many keys have which finding, and what fixes each', async (t) => {
	const {org, ids} = await keysOf(40, 1);
	const shown = await run(`keys hygiene --org ${org}`);
	t.is(shown.status, 0, shown.stderr);
	t.deepEqual(cellsOf(shown, 'keys'), ['keys', '2']);
	t.deepEqual(cellsOf(shown, 'to look after'), ['to look after', '2']);
	t.deepEqual(cellsOf(shown, 'never_used'), ['never_used', '1']);
	t.deepEqual(cellsOf(shown, ids[0] ?? ''), [
		ids[0],
		'made 40 days ago',
		'never',
		'revoke, update',
		'never_used, no_end, unrestricted',
	]);
	t.false(shown.stdout.includes('idle '), 'what is not found is not told of');

	const some = await run(`keys hygiene --org ${org} --finding never_used`);
	t.deepEqual(cellsOf(some, ids[0] ?? ''), [
		ids[0],
		'made 40 days ago',
		'never',
		'revoke',
		'Not used once in the 40 days since it could be',
	]);
	t.false(some.stdout.includes(ids[1] ?? ''));
	const quiet = await run(`keys hygiene --org ${org} --finding no_end --quiet`);
	t.is(quiet.stdout, `${ids.join('\n')}\n`);
});

test('as JSON it is the answer of the API, as many keys as are asked for', async (t) => {
	const {org, ids} = await keysOf(50, 40, 30);
	const {stdout} = await run(`keys hygiene --org ${org} --json --limit 2 --idle-days 5`);
	const report = JSON.parse(stdout) as KeyHygiene;
	t.like(report, {idle_days: 5, expiring_days: 30, counts: {keys: 3, affected: 3}});
	t.deepEqual(
		report.keys.map(({id}) => id),
		ids.slice(0, 2),
	);
	const more = await run(`keys hygiene --org ${org} --limit 2`);
	t.regex(more.stderr, /There are more: --limit N shows so many/);
});

test('what is no number is refused by name, and nothing is asked', async (t) => {
	const {status, stderr} = await run('keys hygiene --idle-days never');
	t.is(status, 2);
	t.regex(stderr, /--idle-days must be whole days such as 90, 90d or 12w/);
	const long = await run('keys hygiene --idle-days 600w');
	t.is(long.status, 2);
	t.regex(long.stderr, /--idle-days must be a whole number from 1 to 3650/);
	const {stderr: unknown} = await run('keys hygiene --finding bored');
	t.regex(unknown, /finding/);
});
