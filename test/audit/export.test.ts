import {execFile} from 'node:child_process';
import {createHash} from 'node:crypto';
import {readFile} from 'node:fs/promises';
import {request} from 'node:http';
import path from 'node:path';
import {promisify} from 'node:util';
import test from 'ava';
import {connectDatabase} from '../../core/db/connect.ts';
import {record} from '../../core/audit/trail/record.ts';
import {makeKey, makeOrganisation} from '../helpers/appliance.ts';
import {openAppliance} from '../helpers/opening.ts';
import {eventually} from '../helpers/program.ts';
import {addEntries, connectIntruder} from './chains.ts';
import {audit, auditHere, fetchKeys, fileOf} from './command.ts';

const {appliance, server, jwt} = await openAppliance();
const keys = await fetchKeys(server);

test.after.always(() => appliance.stop());

/** An organisation with its first entry and so many more. */
async function makeTrail(entries: number): Promise<{id: string; path: string}> {
	const {id} = await makeOrganisation(server, jwt, 'team');
	const db = connectDatabase(appliance.database, 'test');
	await addEntries(db, id, entries);
	await db.destroy();
	return {id, path: `/api/v1/organizations/${id}/audit/export`};
}

async function exportOf(path: string, from = server): Promise<string> {
	const answer = await from.call(path, {bearer: jwt});
	if (answer.status !== 200) throw new Error(`export: ${answer.status} ${answer.text}`);
	return answer.text;
}

const verify = async (text: string, ...more: string[]) =>
	auditHere('verify', '--file', await fileOf(text), '--keys', keys, ...more);

/** The line at an index, changed. */
function withLine(text: string, index: number, change: (line: string) => string): string {
	return text
		.split('\n')
		.map((line, i) => (i === index ? change(line) : line))
		.join('\n');
}

test('an export verifies without a database, whole or in part', async (t) => {
	const {id, path} = await makeTrail(1200);
	const whole = await server.call(path, {bearer: jwt});
	t.is(whole.headers['content-type'], 'application/x-ndjson');
	t.is(whole.text.split('\n').length, 1204);
	const alone = await audit({}, 'verify', '--file', await fileOf(whole.text), '--keys', keys);
	t.is(alone.status, 0, alone.said);
	t.regex((await verify(whole.text)).said, /1201 entries, 1 signed heads: all as written/);

	const part = await exportOf(`${path}?after=1000`);
	t.like(JSON.parse(part.split('\n')[0] ?? ''), {
		export: 'latchkey-audit-v1',
		chain: id,
		after: 1000,
	});
	t.regex((await verify(part)).said, /201 entries/);

	const lines = whole.text.split('\n').slice(1, -2);
	const at = (sequence: number) => JSON.parse(lines[sequence - 1] ?? '') as {recorded_at: string};
	const since = `${at(700).recorded_at.slice(0, 23)}Z`;
	const until = `${at(900).recorded_at.slice(0, 23)}Z`;
	const some = await exportOf(`${path}?since=${since}&until=${until}`);
	t.is((await verify(some)).status, 0);
	const times = some
		.split('\n')
		.slice(1, -2)
		.map((line) => (JSON.parse(line) as {recorded_at: string}).recorded_at);
	t.true(times.length > 0 && times.every((time) => time >= since.slice(0, 23) && time < until));
	t.is((await verify(await exportOf(`${path}?until=2000-01-01T00:00:00Z`))).status, 0);
	t.is((await verify(await exportOf(`${path}?after=1201`))).status, 0);
});

test('whoever reads the export can compute each hash with what stands in the line', async (t) => {
	const {path} = await makeTrail(3);
	const lines = (await exportOf(path)).split('\n').slice(0, -1);
	let previous = Buffer.from(
		(JSON.parse(lines[0] ?? '') as {previous_hash: string}).previous_hash,
		'hex',
	);
	for (const line of lines.slice(1, -1)) {
		const [, sequence = '', time = '', content = '', hash = ''] =
			/^\{"sequence":(\d+),"recorded_at":"([^"]+)",(.*),"hash":"(\w+)"\}$/.exec(line) ?? [];
		const place = Buffer.alloc(16);
		place.writeBigInt64BE(BigInt(sequence));
		const micros = BigInt(Date.parse(time)) * 1000n + BigInt(time.slice(23, 26));
		place.writeBigInt64BE(micros, 8);
		previous = createHash('sha256').update(previous).update(place).update(`{${content}}`).digest();
		t.is(previous.toString('hex'), hash);
	}
});

test('the program in docs/audit.md proves an export, and finds what was changed', async (t) => {
	const page = await readFile(path.join(import.meta.dirname, '../../../docs/audit.md'), 'utf8');
	const program = /```python\n(.*?)```/s.exec(page)?.[1] ?? '';
	t.true(program.includes('sha256'));
	const run = promisify(execFile);
	const {path: trail} = await makeTrail(20);
	const text = await exportOf(trail);
	try {
		await run('python3', ['--version']);
	} catch {
		return t.log('no python3 here');
	}
	await t.notThrowsAsync(run('python3', ['-c', program, await fileOf(text)]));
	const part = await exportOf(`${trail}?after=7`);
	await t.notThrowsAsync(run('python3', ['-c', program, await fileOf(part)]));
	const changed = text.replace('source 3', 'source 9');
	const found = run('python3', ['-c', program, await fileOf(changed)]);
	t.regex((await t.throwsAsync(found))?.message ?? '', /AssertionError: 5/);
});

test('S-86, S-87: an export that was changed, reordered or cut off is found out, by name', async (t) => {
	const {path} = await makeTrail(5);
	const text = await exportOf(path);
	const lines = text.split('\n');
	const swapped = withLine(
		withLine(text, 2, () => lines[3] ?? ''),
		3,
		() => lines[2] ?? '',
	);
	for (const [name, changed, said] of [
		[
			'content',
			withLine(text, 3, (line) => line.replace('source 1', 'source 9')),
			/entry 3 was changed/,
		],
		[
			'time',
			withLine(text, 3, (line) => line.replace(/\dZ"/, (end) => (end === '0Z"' ? '1Z"' : '0Z"'))),
			/entry 3 was changed/,
		],
		['no entry', withLine(text, 3, () => '{}'), /the line after entry 2 is not an entry/],
		['order', swapped, /entry 2 is missing/],
		['left out', lines.toSpliced(3, 1).join('\n'), /entry 3 is missing/],
		['twice', lines.toSpliced(3, 0, lines[3] ?? '').join('\n'), /entry 3 stands after entry 3/],
		['cut off', lines.slice(0, 5).join('\n'), /the file is cut off after entry 4/],
		['tail left out', lines.toSpliced(5, 2).join('\n'), /entries 5 to 6 are missing/],
		[
			'not signed',
			withLine(text, 7, (line) => line.replace(/"signature":"\w+"/, '"signature":null')),
			/its end is not signed/,
		],
		[
			'signature',
			withLine(text, 7, (line) =>
				line.replace(
					/"signature":"\w/,
					(start) => start.slice(0, -1) + (start.endsWith('0') ? '1' : '0'),
				),
			),
			/by none of the audit keys/,
		],
		['more', `${text}${lines[7]}\n`, /a line stands after the end/],
		[
			'first line',
			withLine(text, 0, (line) => line.replace(/"previous_hash":"\w{4}/, '"previous_hash":"0000')),
			/does not begin where/,
		],
	] as const) {
		const outcome = await verify(changed);
		t.is(outcome.status, 1, `${name}: ${outcome.said}`);
		t.regex(outcome.said, said, name);
	}
	for (const nothing of ['', 'no export\n', '{"export":"latchkey-audit-v2"}\n']) {
		t.is((await verify(nothing)).status, 2);
	}
	t.is((await verify('x'.repeat(2_000_000))).status, 2);
});

test('a head that was kept is compared with an export', async (t) => {
	const {path} = await makeTrail(5);
	const early = (await exportOf(path)).split('\n').at(-2) ?? '';
	const {id, path: other} = await makeTrail(9);
	const text = await exportOf(path);
	t.regex((await verify(text, '--head', early)).said, /2 signed heads/);
	const {sequence, hash, signature} = JSON.parse(early) as Record<string, string | number>;
	const forged = early.replace(String(hash), '0'.repeat(64));
	t.regex((await verify(text, '--head', forged)).said, /the chain was rewritten/);
	const wrong = await verify(await exportOf(other), '--head', early);
	t.is(wrong.status, 2, wrong.said);
	const short = `${sequence}:${hash}:${signature}`;
	t.is((await verify(text, '--head', short, '--organization', path.split('/')[4] ?? '')).status, 0);
	t.is((await verify(text, '--head', short, '--organization', id)).status, 2);
});

test('S-89: line feeds, escapes and marks of direction are escaped in every line', async (t) => {
	const {id, path} = await makeTrail(0);
	const name = 'a\r\nb\u001B[31mc\u202Ed\u2028e\u0085f\u0000g\uD800';
	const db = connectDatabase(appliance.database, 'test');
	await db.transaction((transaction) =>
		record(
			transaction,
			{actor: {type: 'system', name}},
			{
				action: 'source.deleted',
				organisationId: id,
				target: {type: 'source', name},
				details: {name},
			},
		),
	);
	await db.destroy();
	const text = await exportOf(path);
	t.is(text.split('\n').length, 5);
	// oxlint-disable-next-line no-control-regex
	t.notRegex(text.replaceAll('\n', ''), /[\u0000-\u001F\u007F-\u009F\u2028-\u202E\uFEFF\uD800]/);
	t.like(JSON.parse(text.split('\n')[2] ?? ''), {
		target: {name: 'a\r\nb\u001B[31mc\u202Ed\u2028e\u0085f\uFFFDg\uFFFD'},
	});
	t.is((await verify(text)).status, 0);
});

test('an export of a chain that does not verify is not signed', async (t) => {
	const {id, path} = await makeTrail(5);
	const intruder = connectIntruder({...appliance.database, ssl: false, user: 'postgres'});
	await intruder.query(
		`update audit_entries set content = replace(content, 'source 1', 'source 9') where chain = $1`,
		[id],
	);
	await intruder.end();
	const text = await exportOf(path);
	t.regex(text.split('\n').at(-2) ?? '', /"key_id":null,"signature":null/);
	t.regex((await verify(text)).said, /entry 3 was changed/);
	await eventually(() => server.output().includes('its export is not signed'));
});

test('a client that goes away ends its export', async (t) => {
	// What it leaves behind for a moment would take the places of the exports beside it.
	const own = await appliance.startServer();
	const {path} = await makeTrail(0);
	const db = connectDatabase(appliance.database, 'test', {
		statementTimeoutMs: 60_000,
		queryTimeoutMs: 60_000,
	});
	const chain = path.split('/')[4] ?? '';
	// Longer than what sockets and streams hold on their own.
	await db.raw(
		`insert into audit_entries (chain, content)
		select ?, '{"action":"source.deleted","outcome":"success","actor":{"type":"system","name":"'
			|| repeat('x', 20000) || '"},"target":{"type":"source"}}'
		from generate_series(1, 1500)`,
		[chain],
	);
	await db.destroy();
	for (let i = 0; i < 20; i++) {
		await new Promise<void>((resolve, reject) => {
			const outgoing = request(`${own.url}${path}`, {
				agent: false,
				headers: {Authorization: `Bearer ${jwt}`},
			});
			outgoing.once('response', (incoming) => {
				incoming.once('data', () => {
					outgoing.destroy();
					resolve();
				});
				incoming.on('error', () => {});
			});
			outgoing.once('error', reject);
			outgoing.end();
		});
	}
	// Of 20 that went on, all places would be taken.
	await eventually(async () => (await exportOf(path, own)).endsWith('"}\n'));
	t.pass();
});

test('what an export cannot be narrowed by is refused by name', async (t) => {
	const {path} = await makeTrail(1);
	await makeKey(server, jwt, path.split('/')[4] ?? '');
	for (const [query, error] of [
		['action=key.created', 'Unknown query parameter: action'],
		['after=4', 'after must be the sequence of an entry'],
		['after=x', 'after must be the sequence of an entry'],
		['since=now', 'since must be a time such as 2030-01-15T10:30:00Z'],
	]) {
		const answer = await server.call(`${path}?${query}`, {bearer: jwt});
		t.deepEqual([answer.status, answer.json()], [400, {error}], query);
	}
});
