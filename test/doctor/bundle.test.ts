import {writeFile} from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import type {Diagnosis} from '../../contract/diagnosis.ts';
import {main} from '../../deploy/doctor/doctor.ts';
import {newFolder} from '../backup/tools.ts';

/* What deploy/compose/doctor tells of the bundle, and what the doctor makes of it. */

const logging = {'max-size': '10m', 'max-file': '5'};
const local = [{HostIp: '127.0.0.1', HostPort: '8080'}];

/** As `docker inspect` says it of a bundle that is well. */
function wellRunning() {
	const ordinary = {
		ports: {} as Record<string, {HostIp: string; HostPort: string}[]>,
		stop_timeout: 30 as number | null,
		restart_policy: 'unless-stopped',
		restarts: 0,
		oom_killed: false,
		log_driver: 'json-file',
		log_options: logging as Record<string, string> | null,
	};
	return {
		// It ends when it has done its work.
		init: {...ordinary, restart_policy: 'no'},
		server: {...ordinary, ports: {'8080/tcp': local}},
		worker: {...ordinary},
		postgres: {...ordinary},
		redis: {...ordinary},
	} as Record<string, typeof ordinary>;
}

type Change = (services: ReturnType<typeof wellRunning>) => void;

async function look(
	change: Change = () => {},
	version = '2.29.1',
	env: Record<string, string> = {},
) {
	const services = wellRunning();
	change(services);
	const lines = Object.entries(services).map(([service, facts]) =>
		JSON.stringify({service, ...facts}),
	);
	return ask([version, ...lines, ''].join('\n'), env);
}

async function ask(text: string, env: Record<string, string> = {}) {
	const file = path.join(await newFolder(), 'bundle');
	await writeFile(file, text);
	let [out, complaint] = ['', ''];
	const status = await main(['--json', '--only', 'bundle', '--bundle', file], env, {
		stdout: {write: (said) => (out += said)},
		stderr: {write: (said) => (complaint += said)},
	});
	return {status, complaint, told: out === '' ? undefined : (JSON.parse(out) as Diagnosis)};
}

const having =
	(service: string, facts: object): Change =>
	(services) => {
		Object.assign(services[service] ?? {}, facts);
	};
const everywhere = [{HostIp: '0.0.0.0', HostPort: '5432'}];

test('a bundle that is well has no finding, and each check was made', async (t) => {
	const {status, told} = await look();
	t.is(status, 0);
	t.deepEqual(
		told?.checks.map(({id, level}) => [id, level]),
		['published_ports', 'compose_version', 'stop_grace', 'restarts', 'unattended'].map((name) => [
			`bundle.${name}`,
			'ok',
		]),
	);
});

for (const [what, change, id, level, words] of [
	[
		'PostgreSQL that is published to other machines',
		having('postgres', {ports: {'5432/tcp': everywhere}}),
		'published_ports',
		'failure',
		/^postgres is published on 0\.0\.0\.0:5432\.$/,
	],
	[
		'Redis that is published without an address',
		having('redis', {ports: {'6379/tcp': [{HostIp: '', HostPort: '6379'}]}}),
		'published_ports',
		'failure',
		/^redis is published on \*:6379\.$/,
	],
	[
		'PostgreSQL that is published on the machine itself',
		having('postgres', {ports: {'5432/tcp': [{HostIp: '::1', HostPort: '5432'}]}}),
		'published_ports',
		'warning',
		/^postgres is published on this machine, at ::1:5432\.$/,
	],
	[
		'an API that is published by plain HTTP',
		having('server', {ports: {'8080/tcp': everywhere}}),
		'published_ports',
		'warning',
		/^The API is published on 0\.0\.0\.0:5432 by plain HTTP\.$/,
	],
	[
		'a server that is killed while it drains',
		having('server', {stop_timeout: null}),
		'stop_grace',
		'warning',
		/^Docker kills the server after 10 s, and it may take \d+ s to end\.$/,
	],
	[
		'a program that the kernel has ended',
		having('server', {oom_killed: true}),
		'restarts',
		'warning',
		/^The kernel ended server, /,
	],
	[
		'a program that is started again and again',
		having('worker', {restarts: 17}),
		'restarts',
		'warning',
		/^Started again more than 3 times by itself: worker\.$/,
	],
	[
		'a program that stays away after a power cut',
		having('redis', {restart_policy: 'no'}),
		'unattended',
		'warning',
		/^Not started again by itself: redis\.$/,
	],
	[
		'a log that fills the disk',
		having('postgres', {log_options: null}),
		'unattended',
		'warning',
		/^The log of postgres grows without a limit\.$/,
	],
] as const) {
	test(`${what} is named`, async (t) => {
		const {status, told} = await look(change, '2.29.1', {LATCHKEY_DRAIN_DELAY_MS: '1000'});
		const found = told?.checks.flatMap((check) =>
			check.findings.map((finding) => ({id: check.id, ...finding})),
		);
		t.is(found?.length, 1);
		t.like(found?.[0], {id: `bundle.${id}`, level});
		t.regex(found?.[0]?.what ?? '', words);
		t.is(status, level === 'failure' ? 2 : 1);
	});
}

test('an API that Caddy publishes by HTTPS may be reached from elsewhere', async (t) => {
	const open = [{HostIp: '0.0.0.0', HostPort: '443'}];
	const {status} = await look((services) => {
		services['caddy'] = {...services['redis'], ports: {'8443/tcp': open}} as never;
		services['server'] = {...services['server'], ports: {}} as never;
	});
	t.is(status, 0);
});

test('the version of Compose that is needed depends on the balancer', async (t) => {
	t.is((await look(undefined, '2.20.3')).status, 0);
	t.is((await look(undefined, 'v2.9.0')).status, 1);
	const balanced = (services: ReturnType<typeof wellRunning>) => {
		services['caddy'] = {...services['redis']} as never;
	};
	const {told} = await look(balanced, '2.24.3-desktop.1');
	t.is(told?.checks.find(({id}) => id === 'bundle.compose_version')?.level, 'warning');
	t.is((await look(balanced, '2.24.4')).status, 0);
});

test('what deploy/compose/doctor did not write is refused', async (t) => {
	for (const text of ['2.29.1\n{"service":"server"}', '2.29.1\nnonsense']) {
		const {status, complaint} = await ask(text);
		t.is(status, 2);
		t.regex(complaint, /--bundle: this is not what deploy\/compose\/doctor writes/);
	}
	let complaint = '';
	const status = await main(
		['--bundle', '/nowhere/facts'],
		{},
		{
			stdout: {write: () => {}},
			stderr: {write: (text) => (complaint += text)},
		},
	);
	t.is(status, 2);
	t.regex(complaint, /ENOENT/);
});
