import test from 'ava';
import type {ListedSharedLimits, SharedLimits} from '../../contract/shared-limits.ts';
import {administrator} from '../helpers/appliance.ts';
import {openServer} from '../helpers/opening.ts';
import {makeHome, runScript} from './script.ts';

/* The commands of limits that keys share, against a real server. */

const {appliance, server} = await openServer();
const home = makeHome();
const logIn = ['login', '--email', administrator.email, '--password-stdin'];
const loggedIn = await run(logIn, administrator.password);
if (loggedIn.status !== 0) throw new Error(loggedIn.stderr);

test.after.always(() => appliance.stop());

function run(argv: readonly string[], stdin = '') {
	return runScript(argv, {HOME: home, LATCHKEY_URL: server.url}, stdin);
}

const limits = (...argv: string[]) => run(['limits', ...argv]);

async function json<T>(...argv: string[]): Promise<T> {
	const {status, stdout, stderr} = await limits(...argv, '--json');
	if (status !== 0) throw new Error(stderr);
	return JSON.parse(stdout) as T;
}

test.serial(
	'limits are set for all keys or an owner, changed in part, shown and taken away',
	async (t) => {
		const none = await limits('list');
		t.is(none.status, 0);
		t.regex(none.stdout + none.stderr, /No shared limits/);
		const missing = await limits('show');
		t.deepEqual([missing.status, /Shared limits not found/.test(missing.stderr)], [3, true]);

		const payments = ['--owner', 'team/payments & more'];
		const set = await limits(
			'set',
			...payments,
			'--rate-limit',
			'all 1,000/min, writes 10/s burst 5 named',
		);
		t.is(set.status, 0, set.stderr);
		t.regex(
			set.stdout + set.stderr,
			/Set what the keys of team\/payments & more share: in force everywhere \(1 server/,
		);
		await limits('set', '--quota', '50k/month from 15 in Europe/Berlin');
		await limits('set', ...payments, '--quota', '10/week from Tuesday');
		const both = await json<SharedLimits>('show', ...payments);
		t.like(both, {quota: {limit: 10, period: 'week', reset_day: 2}, quota_used: 0});
		t.deepEqual(
			both.rate_limits.map(({name, limit, burst, auto}) => [name, limit, burst, auto]),
			[
				['all', 1000, 1000, true],
				['writes', 10, 5, false],
			],
			'what was not named stays',
		);
		const shown = await limits('show', ...payments);
		t.regex(shown.stdout, /all 1,000\/min, writes 10\/s burst 5 named/);
		t.regex(shown.stdout, /10\/week from Tuesday/);
		t.regex(shown.stdout, /0 of 10 \(0%\)/);
		await limits('set', ...payments, '--rate-limit', 'none');
		t.deepEqual((await json<SharedLimits>('show', ...payments)).rate_limits, []);

		const listed = await limits('list');
		t.regex(listed.stdout, /^SHARED BY +RATE LIMITS +QUOTA +USED +RESETS +CHANGED/);
		t.regex(listed.stdout, /all keys +none +50,000\/month from 15 in Europe\/Berlin/);
		t.is((await limits('list', '--quiet')).stdout, 'organization\nteam/payments & more\n');
		t.is((await json<ListedSharedLimits[]>('list')).length, 2);

		const unsure = await limits('remove', ...payments);
		t.not(unsure.status, 0);
		t.is((await json<ListedSharedLimits[]>('list')).length, 2);
		const removed = await limits('remove', ...payments, '--yes');
		t.is(removed.status, 0, removed.stderr);
		t.regex(
			removed.stdout + removed.stderr,
			/Removed the limits that the keys of team\/payments & more shared/,
		);
		t.is((await limits('remove', ...payments, '--yes')).status, 3);
		t.is((await limits('remove', '--yes')).status, 0);
		t.deepEqual(await json<ListedSharedLimits[]>('list'), []);
	},
);

test.serial('what cannot be meant is refused before anything is sent', async (t) => {
	for (const [argv, says] of [
		[['set'], /Nothing to change/],
		[['set', '--quota', 'none'], /No limit would be left/],
		[['set', '--quota', '5/fortnight'], /fortnight is not a period/],
		[['set', '--rate-limit', '100/min'], /begins with its name/],
		[['set', '--owner', 'payments', '--quota', '5/day'], /a type and an id such as team\/payments/],
		[['show', '--owner', 'Team/payments'], /owner\.type|lower-case/],
	] as const) {
		const {status, stderr} = await limits(...argv);
		t.is(status, 2, argv.join(' '));
		t.regex(stderr, says);
	}
	t.deepEqual(await json<ListedSharedLimits[]>('list'), []);
});
