import {randomUUID} from 'node:crypto';
import {connect} from 'node:net';
import test from 'ava';
import {connectDatabase} from '../../core/db/connect.ts';
import {createAppliance, defaultOrganisation} from '../helpers/appliance.ts';
import {parseAnswers, requestText, type WireAnswer} from './wire.ts';

const herd = Number(process.env['HERD'] ?? 2000);

/** Sends on a connection of its own; resolves once it is sent, and with the answer later. */
async function send(
	port: number,
	text: string,
): Promise<{answer: Promise<WireAnswer | undefined>}> {
	const chunks: Buffer[] = [];
	const socket = connect({port, host: '127.0.0.1'});
	socket.on('data', (chunk: Buffer) => chunks.push(chunk));
	socket.on('error', () => {});
	const answer = new Promise<WireAnswer | undefined>((resolve) => {
		socket.on('close', () => {
			const received = Buffer.concat(chunks).toString('latin1');
			resolve(received === '' ? undefined : parseAnswers(received)[0]);
		});
	});
	await Promise.race([new Promise((resolve) => socket.write(text, resolve)), answer]);
	return {answer};
}

test.serial(
	'a herd of revocations is sent away early or revokes, and what is answered is in force within its bound',
	async (t) => {
		const appliance = await createAppliance();
		t.teardown(() => appliance.stop());
		const [server, other] = [await appliance.startServer(), await appliance.startServer()];
		const jwt = await server.logIn();
		const {id: organisationId} = await defaultOrganisation(server, jwt);
		const db = connectDatabase(appliance.ownerDatabase, 'test', {
			statementTimeoutMs: 30_000,
			queryTimeoutMs: 30_000,
		});
		t.teardown(() => db.destroy());
		const {rows: made} = await db.raw<{rows: {id: string}[]}>(
			`insert into api_keys (organisation_id, name, hash, hint)
		select ?, 'one of many', sha256(n::text::bytea), 'hklst_' from generate_series(1, ?) n returning id`,
			[organisationId, herd],
		);
		const path = `/api/v1/organizations/${organisationId}/api-keys`;
		const requests = made.map(({id}) =>
			requestText(`DELETE ${path}/${id}`, [`Authorization: Bearer ${jwt}`]),
		);
		const sent: Awaited<ReturnType<typeof send>>[] = [];
		// As fast as a busy machine can connect, whatever becomes of those before.
		for (let first = 0; first < herd; first += 100) {
			const some = requests.slice(first, first + 100).map((text) => send(server.port, text));
			sent.push(...(await Promise.all(some)));
		}
		const answers = await Promise.all(sent.map(({answer}) => answer));
		const count = (of: (answer: WireAnswer | undefined) => string) =>
			Object.entries(Object.groupBy(answers, of)).map(([what, all]) => `${what}: ${all?.length}`);
		t.log(count((answer) => `${answer?.status} ${String(answer?.values('Latchkey-Error-Code'))}`));
		const revocations = answers.flatMap((answer) => answer?.values('Latchkey-Revocation') ?? []);
		for (const answer of answers) {
			t.true([200, 503].includes(answer?.status ?? 0), answer?.head);
			if (answer?.status === 503) t.deepEqual(answer.values('Retry-After'), ['1']);
		}
		t.true(revocations.length > 0);
		for (const text of revocations) {
			t.notRegex(text, /"all"/);
			t.true(Number(/ms=(\d+)/.exec(text)?.[1]) <= 6000, text);
		}
		// Nobody is told of a failure whose change was made all the same.
		const revoked = await db('api_keys').whereNotNull('revoked_at').pluck('id');
		t.is(revoked.length, revocations.length);
		t.is((await other.call(path, {bearer: jwt})).status, 200);
	},
);

test.serial('a herd that asks for tokens is sent away early, too', async (t) => {
	const appliance = await createAppliance();
	t.teardown(() => appliance.stop());
	const server = await appliance.startServer({
		LATCHKEY_DATABASE_POOL_MAX: '1',
		LATCHKEY_DATABASE_STATEMENT_TIMEOUT_MS: '900',
	});
	const db = connectDatabase(appliance.ownerDatabase, 'test');
	t.teardown(() => db.destroy());
	const lock = await db.transaction();
	await lock.raw('lock table service_accounts in access exclusive mode');
	const answers = await Promise.all(
		Array.from({length: 40}, () =>
			server.call('/oauth2/token', {
				body: `grant_type=client_credentials&client_id=${randomUUID()}&client_secret=x`,
				headers: {'Content-Type': 'application/x-www-form-urlencoded'},
			}),
		),
	);
	await lock.rollback();
	t.true(answers.every(({status}) => status === 503));
	const early = answers.filter(({headers}) => headers['latchkey-error-code'] === 'overloaded');
	t.true(early.length > 0);
	for (const {headers} of early) t.is(headers['retry-after'], '1');
});
