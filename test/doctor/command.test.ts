import test from 'ava';
import * as z from 'zod';
import {diagnosis, type Diagnosis} from '../../contract/diagnosis.ts';
import {main} from '../../deploy/doctor/doctor.ts';
import {freeze} from '../helpers/faults.ts';
import {startProgram} from '../helpers/program.ts';
import {createPostgres} from '../helpers/services.ts';

/* `latchkey doctor` as it is called: what it writes, and how it ends. */

const wellKnown = {LATCHKEY_SECRETS_DIR: '/nowhere', LATCHKEY_ALLOW_EPHEMERAL_SECRETS: '1'};

/** Its words, without a process of its own. */
async function call(args: readonly string[], env: Record<string, string>, isTerminal = false) {
	let [out, complaint] = ['', ''];
	const status = await main(args, env, {
		stdout: {write: (text) => (out += text), isTTY: isTerminal, columns: 80},
		stderr: {write: (text) => (complaint += text)},
	});
	return {status, out, complaint};
}

test('the real command says as JSON what is wrong, also of a PostgreSQL that stands still, and ends', async (t) => {
	const postgres = await createPostgres();
	t.teardown(() => postgres.stop());
	const env = {...wellKnown, ...postgres.env, LATCHKEY_REDIS_URL: 'unix:///nowhere/redis.sock'};
	const goOn = await freeze(postgres);
	t.teardown(goOn);
	const program = startProgram(['doctor', '--json'], env);
	t.is(await program.exited, 2);
	const told = JSON.parse(program.output()) as Diagnosis;
	t.deepEqual(z.parse(diagnosis, told), told);
	const byId = new Map(told.checks.map((check) => [check.id, check]));
	t.is(told.level, 'failure');
	t.is(byId.get('postgresql.answers')?.level, 'failure');
	t.is(byId.get('redis.answers')?.level, 'failure');
	t.regex(
		byId.get('configuration.settings')?.findings[0]?.what ?? '',
		/LATCHKEY_ENCRYPTION_KEY: missing/,
	);
	// What depends on it is unknown, and what does not is looked at.
	t.is(byId.get('schema.migrations')?.level, 'unknown');
	t.is(byId.get('redis.memory')?.unknown_because, 'Redis does not answer');
	t.is(byId.get('network.trusted_proxies')?.level, 'ok');
	t.false(told.checks.some(({level, findings}) => level === 'ok' && findings.length > 0));
});

test('for people each finding is three sentences and an id, coloured on a terminal only', async (t) => {
	const env = {...wellKnown, LATCHKEY_BIND: '0.0.0.0'};
	const {status, out} = await call(['--only', 'network'], env);
	t.is(status, 1);
	t.regex(
		out,
		/^! {2}Network: 2 checks\n {4}! {2}The API is open on 0\.0\.0\.0 by plain HTTP, and no proxy is named\.\n {7}\S.*\n(?: {7}.*\n)+ {7}network\.public_url\n/m,
	);
	t.regex(out, /^! {2}1 warning\.$/m);
	t.false(out.includes('\u001B'));
	t.true(out.split('\n').every((line) => line.length <= 80));
	t.true((await call(['--only', 'network'], env, true)).out.includes('\u001B['));
	t.false(
		(await call(['--only', 'network'], {...env, NO_COLOR: '1'}, true)).out.includes('\u001B'),
	);
});

test('without a fault it ends with 0, and says so in few lines', async (t) => {
	const {status, out} = await call(['--only', 'network.trusted_proxies,versions.node'], wellKnown);
	t.is(status, 0);
	t.regex(out, /^ok Versions: 1 check\nok Network: 1 check\n\nok Nothing is wrong\.\n$/m);
});

test('what cannot be looked at is not well', async (t) => {
	const {status, out} = await call(['--only', 'schema,webhooks'], wellKnown);
	t.is(status, 1);
	t.regex(out, /^\? {2}Schema: 2 of 2 not looked at: it is not known where PostgreSQL is$/m);
	t.regex(out, /^\? {2}4 checks could not be made\.$/m);
	t.notRegex(out, /^ok/m);
});

test('wrong use ends with 2 and says what is there', async (t) => {
	const strange = await call(['--only', 'postgres'], {});
	t.is(strange.status, 2);
	t.regex(strange.complaint, /there is no check postgres; --list names them/);
	t.is(strange.out, '');
	t.is((await call(['--fix'], {})).status, 2);
	const {status, out} = await call(['--list'], {});
	t.is(status, 0);
	t.regex(out, /^postgresql\.durability +\S/m);
	const help = await call(['--help'], {});
	t.is(help.status, 0);
	t.regex(help.out, /^Exit status: 0 nothing is wrong/m);
});

test('no secret that it meets is written', async (t) => {
	const password = 'Tr0ub4dor-and-three-horses';
	const env = {
		...wellKnown,
		LATCHKEY_DATABASE_URL: `postgresql://latchkey_app:${password}@127.0.0.1:1/latchkey`,
		LATCHKEY_REDIS_URL: `redis://:${password}@127.0.0.1:1/0`,
		LATCHKEY_METRICS_TOKEN: `change-me-${password}`,
		LATCHKEY_ENCRYPTION_KEY: password,
	};
	for (const args of [[], ['--json']]) {
		const {status, out, complaint} = await call(args, env);
		t.is(status, 2);
		t.regex(out, /ECONNREFUSED|Nothing listens/);
		t.false(`${out}${complaint}`.includes(password));
	}
});
