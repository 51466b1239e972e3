import {readFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {parse} from 'yaml';
import {foreignVariables} from '../../core/config/foreign-variables.ts';
import {settings} from '../../core/config/settings.ts';
import {databaseTlsSettings, redisTlsSettings} from '../../core/config/tls-settings.ts';

const root = path.join(import.meta.dirname, '../../..');
const file = readFileSync(path.join(root, 'docker-compose.yml'), 'utf8');
const balanced = readFileSync(path.join(root, 'deploy/compose/balanced.yml'), 'utf8');
/** Read by Compose itself; no program of ours sees it. */
const composeOnly = ['LATCHKEY_IMAGE'];

/** Fixed by the bundle, or only for a PostgreSQL or Redis that is not the bundle's. */
const notPassed = new Set<string>([
	'LATCHKEY_LISTEN_HOST',
	'LATCHKEY_DATABASE_URL',
	'LATCHKEY_DATABASE_DIRECT_URL',
	'LATCHKEY_DATABASE_PORT',
	'LATCHKEY_DATABASE_NAME',
	'LATCHKEY_DATABASE_USER',
	'LATCHKEY_DATABASE_PASSWORD',
	...[...Object.values(databaseTlsSettings), ...Object.values(redisTlsSettings)].map(
		({variable}) => variable,
	),
	'LATCHKEY_REDIS_URL',
	'LATCHKEY_REDIS_PORT',
	'LATCHKEY_REDIS_PASSWORD',
	'LATCHKEY_REDIS_PREFIX',
	'LATCHKEY_REDIS_SENTINELS',
	'LATCHKEY_REDIS_SENTINEL_NAME',
	'LATCHKEY_REDIS_SENTINEL_USERNAME',
	'LATCHKEY_REDIS_SENTINEL_PASSWORD',
	'LATCHKEY_REDIS_CLUSTER',
	// Made by init.
	'LATCHKEY_ENCRYPTION_KEY',
	'LATCHKEY_SETUP_TOKEN',
]);

test('every LATCHKEY_ name in the Compose files is a setting', (t) => {
	const known = [
		...Object.values(settings).map(({variable}) => variable),
		...foreignVariables.map(({variable}) => variable),
		...composeOnly,
	].flatMap((name) => [name, `${name}_FILE`]);
	const used = new Set(`${file}${balanced}`.match(/LATCHKEY_[A-Z_]*[A-Z]/g));
	t.true(used.size > 10);
	t.deepEqual(
		[...used].filter((name) => !known.includes(name)),
		[],
	);
});

test('every setting of server and worker can be given to the bundle', (t) => {
	const ours = Object.values(settings)
		.filter(({programs}) =>
			(programs as readonly string[]).some((name) => name === 'server' || name === 'worker'),
		)
		.map(({variable}) => variable)
		.filter((name) => !notPassed.has(name));
	t.deepEqual(
		ours.filter((name) => !new RegExp(`^\\s+(?:${name}: |ports: .*${name}\\b)`, 'm').test(file)),
		[],
	);
});

test('docs/docker.md has every setting that the Compose files take', (t) => {
	const page = readFileSync(path.join(root, 'docs/docker.md'), 'utf8');
	const taken = new Set(
		[...`${file}${balanced}`.matchAll(/\$\{(LATCHKEY_[A-Z_]+?)(?:_FILE)?[:}]/g)].map(
			([, name = '']) => name,
		),
	);
	t.true(taken.size > 10);
	t.deepEqual(
		[...taken].filter((name) => !page.includes(`\`${name}`)),
		[],
	);
});

type Service = {
	image?: string;
	build?: unknown;
	user?: string;
	ports?: string[];
	read_only?: boolean;
	cap_add?: string[];
	cap_drop?: string[];
	security_opt?: string[];
	tmpfs?: string[];
	mem_limit?: string;
	pids_limit?: number;
	ulimits?: {core?: number};
	logging?: {options?: object};
	profiles?: string[];
};

function servicesOf(text: string): [string, Service][] {
	// `!reset` is Compose's own.
	const read = parse(text.replaceAll('!reset', ''), {merge: true}) as {
		services: Record<string, Service>;
	};
	return Object.entries(read.services);
}

/** Backups belong to whoever runs Docker: for one command at a time, root with two of its powers. */
const writesForHost = ['backup', 'drill', 'restore'];

test('every container is an ordinary user with a file system that cannot be written, and has its bounds', (t) => {
	const all = [...servicesOf(file), ...servicesOf(balanced)].filter(
		([, {image, build}]) => image !== undefined || build !== undefined,
	);
	t.true(all.length > 8);
	for (const [name, service] of all) {
		t.truthy(service.user, name);
		if (writesForHost.includes(name)) {
			t.deepEqual(service.profiles, ['tools'], name);
			t.deepEqual(service.cap_add, ['DAC_OVERRIDE', 'CHOWN'], name);
		} else {
			t.not(service.user?.split(':')[0], '0', name);
			t.not(service.user?.split(':')[0], 'root', name);
		}
		t.true(service.read_only, name);
		t.deepEqual(service.cap_drop, ['ALL'], name);
		t.deepEqual(service.security_opt, ['no-new-privileges:true'], name);
		t.true(
			service.tmpfs?.every((mount) => mount.includes('noexec,nosuid,nodev')),
			name,
		);
		t.truthy(service.mem_limit, name);
		t.truthy(service.pids_limit, name);
		t.is(service.ulimits?.core, 0, name);
		t.truthy(service.logging?.options, name);
	}
});

test('monitoring is published on 127.0.0.1 alone, and started only when it is asked for', (t) => {
	const services = new Map(servicesOf(file));
	for (const name of ['prometheus', 'grafana']) {
		const {ports = [], profiles} = services.get(name) ?? {};
		t.deepEqual(profiles, ['monitoring']);
		t.is(ports.length, 1);
		t.regex(ports[0] ?? '', /^127\.0\.0\.1:\$\{LATCHKEY_/);
	}
});

test('what the image is made of gets into its build', (t) => {
	const lines = (name: string) => readFileSync(path.join(root, name), 'utf8').split('\n');
	const allowed = lines('.dockerignore').flatMap((line) =>
		line.startsWith('!') ? [line.slice(1)] : [],
	);
	const copied = lines('Dockerfile')
		.filter((line) => line.startsWith('COPY ') && !line.includes('--from='))
		.flatMap((line) => line.split(' ').slice(1, -1))
		.filter((word) => !word.startsWith('--'))
		.map((word) => word.replace(/\*$/, ''));
	t.true(copied.length > 10);
	t.deepEqual(
		copied.filter((one) => !allowed.some((name) => one === name || one.startsWith(`${name}/`))),
		[],
	);
});
