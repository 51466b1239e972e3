import {readFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
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
