import {spawn} from 'node:child_process';
import {once} from 'node:events';
import path from 'node:path';
import {text} from 'node:stream/consumers';
import test from 'ava';
import {applianceChain} from '../../core/audit/trail/record.ts';
import {administrator, makeUser} from '../helpers/appliance.ts';
import {entriesOf} from '../helpers/audit.ts';
import {openAppliance} from '../helpers/opening.ts';
import {startProgram} from '../helpers/program.ts';

const {appliance, server, db, jwt} = await openAppliance();

test.after.always(() => appliance.stop());

async function admin(...args: string[]): Promise<{status: number | null; output: string}> {
	const {LATCHKEY_REDIS_URL: _, ...env} = appliance.env;
	const program = startProgram(['admin', ...args], env);
	return {status: await program.exited, output: program.output()};
}

const logIn = (who: {email: string; password: string}) =>
	server.call('/api/v1/auth/login', {body: who});

test.serial('S-54: a locked account is unlocked at the machine', async (t) => {
	const {email, password} = await makeUser(server, jwt, {email: 'ana@example.com'});
	await db('users')
		.where({email})
		.update({failed_logins: 12, login_blocked_until: db.raw("now() + interval '15 minutes'")});
	t.is((await logIn({email, password})).status, 401);
	const {status, output} = await admin('unlock', '--email', 'ANA@example.com');
	t.is(status, 0);
	t.is(output, 'ana@example.com may log in again\n');
	t.is((await logIn({email, password})).status, 200);
	t.like(
		(await entriesOf(db, applianceChain)).findLast(({action}) => action === 'user.unlocked'),
		{
			actor: {type: 'system', name: 'latchkey admin unlock'},
			target: {name: email},
			details: {failed_logins: 12},
		},
	);
});

test.serial('where the code cannot be written nobody is logged out for it', async (t) => {
	const token = await server.logIn();
	const {LATCHKEY_REDIS_URL: _, ...env} = appliance.env;
	const inShell = path.join(import.meta.dirname, '../../bundle/latchkey.js');
	const recover = `"$1" "$2" admin recover --email ${administrator.email} > /dev/full`;
	const child = spawn('/bin/sh', ['-c', recover, 'sh', process.execPath, inShell], {
		env: {PATH: process.env['PATH'], ...env},
		stdio: ['ignore', 'ignore', 'pipe'],
	});
	const ended = once(child, 'close');
	const said = await text(child.stderr);
	t.deepEqual(await ended, [1, null]);
	t.regex(
		said,
		/^latchkey: The answer could not be written: no space is left there\. Run it again/,
	);
	t.is((await server.call('/api/v1/auth/me', {bearer: token})).status, 200);
});

test.serial(
	'a lost administrator is let in again: enabled, unlocked, logged out, with a code',
	async (t) => {
		const token = await server.logIn();
		await db('users')
			.where({email: administrator.email})
			.update({
				disabled_at: db.raw('now()'),
				is_operator: false,
				failed_logins: 9,
				login_blocked_until: db.raw("now() + interval '15 minutes'"),
			});
		const {status, output} = await admin('recover', '--email', administrator.email, '--operator');
		t.is(status, 0);
		t.regex(output, /^admin@example\.com is enabled, an operator, and logged out everywhere\.$/m);
		const code = /lkpw_[\w-]{43}/.exec(output)?.[0] ?? '';
		t.is((await server.call('/api/v1/auth/me', {bearer: token})).status, 401);
		const row = await db('password_resets').first();
		const minutes = ((row?.expires_at.getTime() ?? 0) - Date.now()) / 60_000;
		t.true(minutes > 20 && minutes <= 31, `${minutes}`);
		const password = 'mountains remember rain';
		const set = await server.call('/api/v1/auth/password-reset', {body: {code, password}});
		t.is(set.status, 200);
		const again = await server.logIn({email: administrator.email, password});
		t.is((await server.call('/api/v1/users', {bearer: again})).status, 200);
		const entry = (await entriesOf(db, applianceChain)).findLast(
			({action}) => action === 'user.recovered',
		);
		t.like(entry, {
			actor: {type: 'system', name: 'latchkey admin recover'},
			details: {was_disabled: true, made_operator: true},
		});
		t.false(JSON.stringify(entry).includes(code.slice(5)));
	},
);

test.serial('an unknown user is named as such; wrong use shows how; nothing changes', async (t) => {
	const entries = (await entriesOf(db, applianceChain)).length;
	const unknown = await admin('recover', '--email', 'nobody@example.com');
	t.is(unknown.status, 1);
	t.is(unknown.output, 'There is no user with the email "nobody@example.com".\n');
	for (const args of [
		[],
		['recover'],
		['recover', '--email', ''],
		['unlock', '--email', 'ana@example.com', '--operator'],
		['remove', '--email', 'ana@example.com'],
		['unlock', 'ana@example.com'],
		['unlock', '--mail', 'ana@example.com'],
	]) {
		const {status, output} = await admin(...args);
		t.is(status, 2, args.join(' '));
		t.regex(output, /^Usage: latchkey admin unlock/);
	}
	t.is((await admin('--help')).status, 0);
	t.is((await entriesOf(db, applianceChain)).length, entries);
});
