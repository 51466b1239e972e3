import {randomUUID} from 'node:crypto';
import {setTimeout as delay} from 'node:timers/promises';
import test from 'ava';
import type {CreatedKey, Key} from '../../contract/keys.ts';
import {connectDatabase} from '../../core/db/connect.ts';
import {createAppliance, makeOrganisation, type Server} from '../helpers/appliance.ts';
import {entriesOf} from '../helpers/audit.ts';
import {eventually} from '../helpers/program.ts';

const rounds = 6;
const callers = 8;

test('a server killed at random moments: whoever asks again with the same header has one key', async (t) => {
	const appliance = await createAppliance();
	const db = connectDatabase(appliance.database, 'test');
	t.teardown(async () => {
		await db.destroy();
		await appliance.stop();
	});
	let organisationId: string | undefined;
	/** Headers that were sent and of which no answer came. */
	const lost: string[] = [];
	/** Header, which is the name as well → what was answered. */
	const answered = new Map<string, string>();
	let replays = 0;

	const connect = async (server: Server) => {
		const bearer = await server.logIn();
		organisationId ??= (await makeOrganisation(server, bearer, 'team')).id;
		const path = `/api/v1/organizations/${organisationId}/api-keys`;
		// As a client has to: a busy server says that it is, and to try again.
		const create = async (header: string) => {
			for (;;) {
				const headers = {'Idempotency-Key': header};
				const answer = await server.call(path, {bearer, body: {name: header}, headers});
				if (answer.headers['retry-after'] === undefined) return answer;
				await delay(1000);
			}
		};
		const list = async () => (await server.call(path, {bearer})).json() as Key[];
		return {create, list};
	};

	for (let round = 0; round < rounds; round++) {
		const server = await appliance.startServer();
		const {create} = await connect(server);
		const before = answered.size;
		const load = Array.from({length: callers}, async () => {
			for (;;) {
				const header = lost.pop() ?? randomUUID();
				try {
					const answer = await create(header);
					t.is(answer.status, 201, answer.text);
					if (answer.headers['idempotency-replayed'] === 'true') replays++;
					answered.set(header, answer.text);
				} catch (error) {
					lost.push(header);
					throw error;
				}
			}
		});
		const ended = Promise.allSettled(load);
		const enough = before + 10 + Math.random() * 40;
		await eventually(() => answered.size >= enough);
		server.kill('SIGKILL');
		await server.exited;
		await ended;
	}

	const {create, list} = await connect(await appliance.startServer());
	for (const header of lost) answered.set(header, (await create(header)).text);
	for (const [header, text] of answered) t.is((await create(header)).text, text);
	t.log(`${answered.size} keys, ${lost.length} answers lost at last, ${replays} given again`);
	const keys = await list();
	t.deepEqual(keys.map(({name}) => name).toSorted(), [...answered.keys()].toSorted());
	const ids = [...answered.values()].map((text) => (JSON.parse(text) as CreatedKey).id);
	t.deepEqual(keys.map(({id}) => id).toSorted(), ids.toSorted());
	const created = (await entriesOf(db, organisationId ?? '')).filter(
		({action}) => action === 'key.created',
	);
	t.is(created.length, keys.length);
	const [unfinished] = await db('idempotency_keys').whereNull('answer').select('id');
	t.is(unfinished, undefined);
});
