import {readFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {foreignVariables, settings} from '../../core/config/settings.ts';

const root = path.join(import.meta.dirname, '../../..');
const file = readFileSync(path.join(root, 'docker-compose.yml'), 'utf8');
const balanced = readFileSync(path.join(root, 'deploy/compose/balanced.yml'), 'utf8');
/** Read by Compose itself; no program of ours sees it. */
const composeOnly = ['LATCHKEY_IMAGE'];

/** Fixed by the bundle, or only for a PostgreSQL or Redis that is not the bundle's. */
const notPassed = new Set([
	'LATCHKEY_LISTEN_HOST',
	'LATCHKEY_DATABASE_URL',
	'LATCHKEY_DATABASE_DIRECT_URL',
	'LATCHKEY_DATABASE_PORT',
	'LATCHKEY_DATABASE_NAME',
	'LATCHKEY_DATABASE_USER',
	'LATCHKEY_DATABASE_PASSWORD',
	'LATCHKEY_DATABASE_SSL',
	'LATCHKEY_DATABASE_SSL_CA',
	'LATCHKEY_REDIS_URL',
	'LATCHKEY_REDIS_PORT',
	'LATCHKEY_REDIS_PASSWORD',
	'LATCHKEY_REDIS_PREFIX',
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
