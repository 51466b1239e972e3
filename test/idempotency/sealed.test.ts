import {randomUUID} from 'node:crypto';
import {readFile} from 'node:fs/promises';
import path from 'node:path';
import test, {type ExecutionContext} from 'ava';
import type {CreatedKey} from '../../contract/keys.ts';
import {connectDatabase} from '../../core/db/connect.ts';
import {openAnswer} from '../../core/idempotency/seal.ts';
import {SealError} from '../../core/secrets/errors.ts';
import {sealedColumns} from '../../core/secrets/sealed-columns.ts';
import {masterKeyId} from '../../core/secrets/vault.ts';
import {
	administrator,
	createAppliance,
	defaultOrganisation,
	type Appliance,
} from '../helpers/appliance.ts';
import {everyTable, spellings} from '../helpers/leaks.ts';
import {startProgram} from '../helpers/program.ts';
import {vaultOf} from '../helpers/secrets.ts';

/** An appliance with one answer kept. */
async function start(t: ExecutionContext) {
	const appliance = await createAppliance();
	const db = connectDatabase(appliance.database, 'test');
	t.teardown(async () => {
		await db.destroy();
		await appliance.stop();
	});
	const server = await appliance.startServer();
	const jwt = await server.logIn(administrator);
	const {id} = await defaultOrganisation(server, jwt);
	const header = randomUUID();
	const create = () =>
		server.call(`/api/v1/organizations/${id}/api-keys`, {
			bearer: jwt,
			body: {name: 'a key'},
			headers: {'Idempotency-Key': header},
		});
	const first = await create();
	const kept = async () => {
		const [row, ...others] = await db('idempotency_keys').select();
		if (!row?.answer || others.length > 0) throw new Error('not one answer');
		return {...row, answer: row.answer};
	};
	return {appliance, db, header, first, create, kept};
}

test('a dump with the master key, and without the header, opens no answer', async (t) => {
	const {appliance, header, first, kept} = await start(t);
	const {key, id} = first.json() as CreatedKey;
	const row = await kept();
	const vault = vaultOf(appliance.secretsDirectory);
	const inside = vault.open(sealedColumns.idempotentAnswer, row.id, row.answer);
	const dump = await everyTable(appliance.ownerDatabase);
	t.true(dump.includes(row.answer.toString('hex')), 'the search finds what is there');
	for (const secret of [header, key, `"key":"${key.slice(0, 20)}`]) {
		for (const spelling of spellings(secret)) {
			t.false(dump.includes(spelling));
			t.false(inside.toString('latin1').includes(spelling));
		}
	}
	t.false(inside.toString('latin1').includes(id));
	for (const guess of ['', header.slice(1), header.toUpperCase(), randomUUID()]) {
		t.throws(() => openAnswer(vault, row.id, guess, row.answer), {instanceOf: SealError});
	}
	t.throws(() => openAnswer(vault, randomUUID(), header, row.answer), {instanceOf: SealError});
	const {status, body} = openAnswer(vault, row.id, header, row.answer);
	t.is(status, 201);
	t.is(body.toString(), first.text);
});

test('the header without the master key opens no answer', async (t) => {
	const {header, kept} = await start(t);
	const row = await kept();
	const other = await createAppliance();
	t.teardown(() => other.stop());
	const stranger = vaultOf(other.secretsDirectory);
	t.throws(() => openAnswer(stranger, row.id, header, row.answer), {instanceOf: SealError});
});

test('S-95: a rotation of the master key seals kept answers anew, and they are given as before', async (t) => {
	const {appliance, create, first, kept} = await start(t);
	const before = await kept();
	for (const option of ['--master-key', '--drop-old-master-keys']) {
		const program = secrets(appliance, 'rotate', option);
		t.is(await program.exited, 0, program.output());
	}
	const file = path.join(appliance.secretsDirectory, 'encryption_key');
	const [line = '', ...older] = (await readFile(file, 'utf8')).trimEnd().split('\n');
	t.deepEqual(older, []);
	const after = await kept();
	t.false(after.answer.equals(before.answer));
	t.deepEqual(after.master_key_id, masterKeyId(Buffer.from(line, 'base64url')));
	t.deepEqual(after.lookup, before.lookup);
	const again = await create();
	t.is(again.text, first.text);
	t.is(again.headers['idempotency-replayed'], 'true');
});

/** `latchkey secrets …` as an operator runs it: without Redis. */
function secrets({env}: Appliance, ...args: string[]) {
	const {LATCHKEY_REDIS_URL: _, LATCHKEY_LISTEN_HOST: __, ...rest} = env;
	return startProgram(['secrets', ...args], rest);
}
