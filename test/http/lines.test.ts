import {once} from 'node:events';
import {get} from 'node:http';
import type {AddressInfo} from 'node:net';
import {setTimeout as sleep} from 'node:timers/promises';
import test, {type ExecutionContext} from 'ava';
import type {Knex} from 'knex';
import Koa from 'koa';
import {bySystem, type By} from '../../core/actor.ts';
import {connectDatabase} from '../../core/db/connect.ts';
import {createLineSender} from '../../server/http/lines.ts';
import {createDatabase} from '../helpers/services.ts';

test('a file that is being sent ends when the right to it is taken away', async (t) => {
	const database = await createDatabase();
	const db = connectDatabase(database.config, 'test');
	t.teardown(async () => {
		await db.destroy();
		await database.drop();
	});
	let isAllowed = true;
	let confirmed = 0;
	const by = {
		...bySystem('test'),
		async stillMay() {
			confirmed++;
			return isAllowed;
		},
	};
	const end = await sendLines(t, db, by, {
		isLast: () => false,
		onData: () => {
			// Once it was allowed to go on.
			if (confirmed > 0) isAllowed = false;
		},
	});
	t.is(end, 'aborted');
	t.true(confirmed > 1);
});

test('a file is sent whole from a PostgreSQL in which nothing can be changed', async (t) => {
	const database = await createDatabase();
	const owner = connectDatabase(database.ownerConfig, 'test');
	await owner.raw(`alter database ${database.name} set default_transaction_read_only = on`);
	await owner.destroy();
	const db = connectDatabase(database.config, 'test');
	t.teardown(async () => {
		await db.destroy();
		await database.drop();
	});
	let confirmed = 0;
	const by = {
		...bySystem('test'),
		async stillMay(transaction: Knex.Transaction) {
			confirmed++;
			await transaction('users').forKeyShare().first('id');
			return false;
		},
	};
	t.is(await sendLines(t, db, by, {isLast: () => confirmed > 0}), 'whole');
});

/** Sends lines over HTTP. @returns how it ended: `whole`, or the error of the client */
async function sendLines(
	t: ExecutionContext,
	db: Knex,
	by: By,
	{isLast, onData = () => {}}: {isLast: () => boolean; onData?: () => void},
): Promise<string> {
	async function* lines() {
		while (!isLast()) {
			yield 'a line\n';
			await sleep(20);
		}
	}
	const send = createLineSender(db);
	const app = new Koa();
	app.silent = true;
	app.use((ctx) => {
		ctx.body = send(ctx, by, 'a file', lines());
	});
	const server = app.listen(0, '127.0.0.1');
	await once(server, 'listening');
	t.teardown(() => server.close());
	const {port} = server.address() as AddressInfo;
	return new Promise((resolve, reject) => {
		get({port, host: '127.0.0.1', agent: false}, (incoming) => {
			incoming.on('data', onData);
			incoming.on('end', () => resolve('whole'));
			incoming.on('error', (error) => resolve(error.message));
		}).on('error', reject);
	});
}
