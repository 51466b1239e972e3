import {hash} from 'node:crypto';
import {readFile} from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import {errors, headers, type ErrorCode} from '../../contract/errors.ts';
import {version} from '../../core/version.ts';
import type {OpenApiDocument} from '../../deploy/docs/openapi/document.ts';
import type {CallOptions} from '../helpers/http.ts';
import {openServer} from '../helpers/opening.ts';

const publicUrl = 'https://latchkey.example.com';
const {appliance, server} = await openServer({LATCHKEY_PUBLIC_URL: publicUrl});
const docs = path.join(import.meta.dirname, '../../../docs');

test.after.always(() => appliance.stop());

test('the description of the API is served, with where it is', async (t) => {
	const answer = await server.call('/openapi.json');
	t.is(answer.status, 200);
	t.is(answer.headers['content-type'], 'application/json; charset=utf-8');
	const served = answer.json() as OpenApiDocument;
	const written = JSON.parse(await readFile(path.join(docs, 'openapi.json'), 'utf8')) as object;
	t.deepEqual(served, {...written, servers: [{url: publicUrl}]} as OpenApiDocument);
	t.is(served.info.version, version);
});

test('the page is served as it was written', async (t) => {
	const answer = await server.call('/docs');
	t.is(answer.status, 200);
	t.is(answer.headers['content-type'], 'text/html; charset=utf-8');
	t.true(answer.text === (await readFile(path.join(docs, 'api.html'), 'utf8')));
});

test('whoever has either already gets nothing again', async (t) => {
	for (const target of ['/openapi.json', '/docs']) {
		const {headers: told} = await server.call(target);
		t.is(told['cache-control'], 'no-cache', target);
		const etag = told.etag ?? '';
		const again = await server.call(target, {headers: {'If-None-Match': etag}});
		t.is(again.status, 304, target);
		t.is(again.text, '', target);
		t.is(again.headers.etag, etag, target);
		t.is((await server.call(target, {headers: {'If-None-Match': '"other"'}})).status, 200);
	}
});

test('the page lets a browser run its own scripts and load nothing', async (t) => {
	const {text} = await server.call('/docs');
	const [, policy = ''] = /Content-Security-Policy" content="([^"]+)"/.exec(text) ?? [];
	const allowed = policy.split('; ');
	t.true(allowed.includes("default-src 'none'"));
	t.deepEqual(
		allowed.filter((part) => !/^(default|script|style)-src /.test(part)),
		['img-src data:'],
	);
	const scripts = [...text.matchAll(/<script>([^]*?)<\/script>/g)].map(([, script = '']) => script);
	const hashes = scripts.map((script) => `'sha256-${hash('sha256', script, 'base64')}'`);
	t.is(hashes.length, 2);
	t.true(allowed.includes(`script-src ${hashes.join(' ')}`));
	const page = text.replaceAll(/<script\b[^]*?<\/script>/g, '');
	t.notRegex(page, /<(?:script|link|img|iframe)\b[^>]*\b(?:src|href)=/);
	t.false(text.includes('cdn.redoc'));
});

test('what any request can be answered, whatever it is for', async (t) => {
	const cases: [ErrorCode, string, CallOptions][] = [
		['bad_request', 'http://127.0.0.1/livez', {}],
		['not_found', '/nothing', {}],
		['method_not_allowed', '/livez', {method: 'DELETE'}],
		['expectation_failed', '/livez', {headers: {Expect: 'nothing'}}],
		['host_unknown', '/livez', {headers: {Host: 'elsewhere.example'}}],
		['headers_too_large', '/livez', {headers: {'X-Long': 'a'.repeat(20_000)}}],
		['method_unknown', '/livez', {method: 'PURGE'}],
	];
	for (const [code, target, options] of cases) {
		const {status, headers: lines} = await server.call(target, options);
		t.is(lines[headers.errorCode.toLowerCase()], code);
		t.is(status, errors[code].status);
	}
});

test('measurements that have a token are for those who have it', async (t) => {
	const token = 'a token for those who measure';
	const guarded = await appliance.startServer({LATCHKEY_METRICS_TOKEN: token});
	const refused = await guarded.call('/metrics');
	t.is(refused.status, 401);
	t.is(refused.headers['www-authenticate'], 'Bearer realm="latchkey"');
	t.is((await guarded.call('/metrics', {bearer: token})).status, 200);
});
