import ava from 'ava';
import type {CreatedKey} from '../../contract/keys.ts';
import {administrator, defaultOrganisation, patiently} from '../helpers/appliance.ts';
import {openAppliance} from '../helpers/opening.ts';
import {eventually} from '../helpers/program.ts';
import {makeHome, runScript} from './script.ts';

/* What is left of limits, and who is being limited, by the commands. */

const test = ava.serial;
const HOME = makeHome();
const {appliance, server, jwt} = await openAppliance();
const {id: organisation} = await defaultOrganisation(server, jwt);
const list = `/api/v1/organizations/${organisation}/api-keys`;

test.after.always(() => appliance.stop());

test.before(async (t) => {
	const argv = ['login', '--email', administrator.email, '--password-stdin'];
	const {status, stderr} = await run(argv, administrator.password);
	t.is(status, 0, stderr);
});

function run(argv: readonly string[], stdin?: string) {
	return runScript(argv, {LATCHKEY_URL: server.url, HOME}, stdin);
}

async function make(name: string, terms: object): Promise<CreatedKey> {
	const made = await patiently(() => server.call(list, {bearer: jwt, body: {name, ...terms}}));
	if (made.status !== 201) throw new Error(made.text);
	return made.json() as CreatedKey;
}

const limits = {
	rate_limits: [{name: 'burst', limit: 3, window_seconds: 10_800}],
	quota: {limit: 50_000, period: 'total'},
};

test('what was used of a quota is set and added to, and what is left is shown', async (t) => {
	const {id, key} = await make('counted', limits);
	const set = await run(['keys', 'quota', id, '--set', '31,204']);
	t.like(set, {status: 0, stdout: ''});
	t.regex(set.stderr, /^31,204 of 50,000 are used: in force /);
	t.deepEqual(JSON.parse((await run(['keys', 'quota', id, '--add', '1k', '--json'])).stdout), {
		used: 32_204,
		limit: 50_000,
		resets_at: null,
	});
	t.is((await run(['keys', 'quota', id, '--add=-2204'])).status, 0);
	await server.call('/api/v1/sources', {bearer: key});

	const {status, stdout} = await run(['keys', 'limits', id.toUpperCase()]);
	t.is(status, 0);
	t.regex(stdout, /^burst +2 of 3 left, 3\/3h; all of it in (60m|59m|1h)$/m);
	t.regex(stdout, /^quota +30,001 of 50,000 used \(60%\)$/m);
	t.regex(stdout, /^told by +the counts of all servers$/m);
	const data = JSON.parse((await run(['keys', 'limits', id, '--json'])).stdout) as object;
	t.deepEqual(Object.keys(data), ['rate_limits', 'quotas', 'limits_source']);

	const plain = await make('plain', {});
	t.regex((await run(['keys', 'limits', plain.id])).stdout, /^limits +none$/m);
});

test('what is no number, both or neither is refused before anything is sent', async (t) => {
	const {id} = await make('counted', limits);
	for (const [argv, text] of [
		[[], 'set is required, or add'],
		[['--set', '1', '--add', '1'], 'add must not be there beside set'],
		[['--set', 'some'], '--set is not a whole number, such as 1000, 1,000, 50k or 1M'],
		[['--set=-1'], 'set must be a whole number from 0 to 1000000000000'],
	] as const) {
		const {status, stderr} = await run(['keys', 'quota', id, ...argv]);
		t.is(status, 2, stderr);
		t.true(stderr.includes(text), stderr);
	}
	const plain = await make('plain', {});
	const {status, stderr} = await run(['keys', 'quota', plain.id, '--set', '0']);
	t.is(status, 6, stderr);
	t.true(stderr.includes('The API key has no quota'), stderr);
});

test('keys that are being limited are listed', async (t) => {
	t.regex(
		(await run(['limits', 'now'])).stderr,
		/^No key was refused for a limit in the last minute\./,
	);
	const {id, key} = await make('hasty', limits);
	for (let i = 0; i < 8; i++) await server.call('/api/v1/sources', {bearer: key});
	const {stdout} = await eventually(async () => {
		const listed = await run(['limits', 'now']);
		return listed.stdout.includes('burst (5 times)') && listed;
	});
	t.regex(stdout, new RegExp(`^${id} +hasty +burst \\(5 times\\) +\\S`, 'm'));
	t.is((await run(['limits', 'now', '--quiet'])).stdout, `${id}\n`);
	const [shown] = JSON.parse((await run(['limits', 'now', '--json'])).stdout) as object[];
	t.like(shown, {id, name: 'hasty', limits: [{name: 'burst', refused: 5}]});
});
