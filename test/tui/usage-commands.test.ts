import ava from 'ava';
import type {CreatedKey} from '../../contract/keys.ts';
import type {KeyClient, UsageSeries} from '../../contract/usage.ts';
import {administrator, defaultOrganisation, patiently} from '../helpers/appliance.ts';
import {openAppliance} from '../helpers/opening.ts';
import {eventually} from '../helpers/program.ts';
import {countUses} from '../usage/counts.ts';
import {makeHome, runScript} from './script.ts';

/* How keys are used, and from where, by the commands. */

const test = ava.serial;
const HOME = makeHome();
const {appliance, server, jwt, db} = await openAppliance();
const {id: organisationId} = await defaultOrganisation(server, jwt);
const list = `/api/v1/organizations/${organisationId}/api-keys`;

test.after.always(() => appliance.stop());

test.before(async (t) => {
	const argv = ['login', '--email', administrator.email, '--password-stdin'];
	const {status, stderr} = await run(argv, administrator.password);
	t.is(status, 0, stderr);
	await appliance.startWorker();
});

function run(argv: readonly string[], stdin?: string) {
	return runScript(argv, {LATCHKEY_URL: server.url, HOME}, stdin);
}

async function make(name: string, terms: object = {}): Promise<CreatedKey> {
	const made = await patiently(() => server.call(list, {bearer: jwt, body: {name, ...terms}}));
	if (made.status !== 201) throw new Error(made.text);
	return made.json() as CreatedKey;
}

test('use is told as a table, as data, and as a file with every point', async (t) => {
	const {id: keyId} = await make('billing-prod', {owner: {type: 'team', id: 'payments'}});
	const quiet = await make('quiet');
	const day = 24 * 3_600_000;
	const at = Math.floor(Date.now() / day) * day - 3 * day;
	await countUses(db, [
		{organisationId, keyId, at, count: 1200},
		{organisationId, keyId, at: at + day, count: 34, outcome: 'ip_denied'},
		{organisationId, keyId: quiet.id, at, count: 100},
	]);
	const period = ['--from', '7d', '--step', 'day'];

	const byKey = await run(['usage', ...period, '--group-by', 'key']);
	t.is(byKey.status, 0, byKey.stderr);
	t.regex(byKey.stderr, /^\d{4}-\d\d-\d\d 00:00:00 UTC to .* UTC, by day$/m);
	t.regex(byKey.stdout, /^KEY +ACCEPTED +REFUSED +SHARE +TREND$/m);
	t.regex(byKey.stdout, /^billing-prod +1,200 +34 +92% +█▂$/m);
	t.regex(byKey.stdout, /^quiet +100 +0 +8% +█$/m);
	const outcomes = await run(['usage', ...period, '--key', 'billing-prod']);
	t.regex(outcomes.stdout, /^accepted +1,200 +0 +100% /m);
	t.regex(outcomes.stdout, /^address +0 +34 +0% /m);
	const owned = await run([
		'usage',
		...period,
		'--owner',
		'team/payments',
		'--group-by',
		'key',
		'-q',
	]);
	t.is(owned.stdout, 'billing-prod\n');

	const data = await run(['usage', ...period, '--key', keyId, '--json']);
	const {series, step} = JSON.parse(data.stdout) as UsageSeries;
	t.is(step, 'day');
	t.deepEqual(
		series.map(({group, total}) => [group, total]),
		[
			['valid', 1200],
			['ip_denied', 34],
		],
	);
	t.is(data.stderr, '');

	const csv = await run(['usage', ...period, '--group-by', 'key', '--format', 'csv']);
	const day0 = `${new Date(at).toISOString().slice(0, 19)}Z`;
	t.regex(csv.stdout, /^start,group,name,count,refused\r\n/);
	t.true(csv.stdout.includes(`${day0},${keyId},billing-prod,1200,0\r\n`), csv.stdout);
	const lines = await run(['usage', ...period, '--key', keyId, '--format', 'ndjson']);
	t.deepEqual(
		lines.stdout
			.trimEnd()
			.split('\n')
			.map((line) => (JSON.parse(line) as {count: number}).count),
		[1200, 34],
	);
});

test('what nothing could be told of is refused before anything is sent, with what to do', async (t) => {
	for (const [argv, text] of [
		[['--step', 'minute'], 'step'],
		[['--top', '51'], 'top must be a whole number from 1 to 50'],
		[['--key', 'x', '--owner', 'team/x'], '--owner cannot be given with --key'],
		[['--top', '3', '--format', 'csv'], '--top cannot be given with --format csv'],
		[['--key', 'x', '--group-by', 'owner'], '--group-by must be'],
		[['--from', 'yesterday'], 'from must be'],
	] as const) {
		const {status, stdout, stderr} = await run(['usage', ...argv]);
		t.is(status, 2, stderr);
		t.is(stdout, '');
		t.true(stderr.includes(text), stderr);
	}
	const far = await run(['usage', '--from', '400d', '--step', 'hour']);
	t.is(far.status, 2, far.stderr);
	t.regex(far.stderr, /from/);
	t.is((await run(['usage', '--key', 'nobody'])).status, 3);
});

test('from where a key is used is listed, and a key tells of its first and last use', async (t) => {
	const {id, key} = await make('seen');
	t.regex((await run(['keys', 'clients', 'seen'])).stderr, /^It was not used in the last 30 days/);
	t.regex((await run(['keys', 'show', id])).stdout, /^first used +never$/m);
	const use = (agent: string) =>
		server.call('/api/v1/keys/self', {bearer: key, headers: {'User-Agent': agent}});
	t.is((await use('batch/1.0')).status, 200);
	t.is((await use('batch/2.0')).status, 200);
	const {stdout} = await eventually(async () => {
		const told = await run(['keys', 'clients', 'seen']);
		return told.stdout.includes('batch/2.0') && told;
	});
	t.regex(stdout, /^ADDRESS +PROGRAM +COUNT +REFUSED +FIRST SEEN +LAST SEEN$/m);
	t.regex(stdout, /^127\.0\.0\.1 +batch\/1\.0 +1 +0 +\S/m);
	const clients = JSON.parse((await run(['keys', 'clients', id, '--json'])).stdout) as KeyClient[];
	const agents = clients.map(({user_agent: agent}) => agent ?? '');
	t.deepEqual(agents.toSorted(), ['batch/1.0', 'batch/2.0']);
	t.regex((await run(['keys', 'clients', id, '--quiet'])).stdout, /^127\.0\.0\.1\n/);
	const shown = await eventually(async () => {
		const {stdout: facts} = await run(['keys', 'show', id]);
		return facts.includes('by batch/2.0') && facts;
	});
	t.regex(shown, /^last used +.*, from 127\.0\.0\.1, by batch\/2\.0$/m);
	t.regex(shown, /^first used +(just now|\d+s ago)$/m);
	t.is((await run(['keys', 'clients', 'nobody'])).status, 3);
});
