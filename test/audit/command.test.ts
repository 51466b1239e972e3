import test from 'ava';
import {makeKey, makeOrganisation} from '../helpers/appliance.ts';
import {openAppliance} from '../helpers/opening.ts';
import {eventually, freePort, type Program} from '../helpers/program.ts';
import {connectIntruder} from './chains.ts';
import {audit, fetchKeys, fileOf} from './command.ts';

const {appliance, server, jwt} = await openAppliance();
const intruder = connectIntruder({...appliance.database, ssl: false, user: 'postgres'});

test.after.always(async () => {
	await intruder.end();
	await appliance.stop();
});

const verify = (...args: string[]) => audit(appliance.env, 'verify', ...args);

/** An organisation with three entries. */
async function makeTrail(): Promise<string> {
	const {id} = await makeOrganisation(server, jwt, 'team');
	await makeKey(server, jwt, id);
	await makeKey(server, jwt, id);
	return id;
}

type LoggedHead = {chain: string; sequence: number; hash: string; signature: string};

/** Log lines about heads that a worker signed. */
function headsLogged(worker: Program): (LoggedHead & {line: string})[] {
	return worker
		.output()
		.split('\n')
		.filter((line) => line.includes('"audit head signed"'))
		.map((line) => ({...(JSON.parse(line) as LoggedHead), line}));
}

test.serial('the worker signs what has moved when it stops, once, and logs it', async (t) => {
	const id = await makeTrail();
	const worker = await appliance.startWorker();
	t.is(await worker.stop(), 0);
	const logged = headsLogged(worker).filter(({chain}) => chain === id);
	t.like(logged, {length: 1, 0: {sequence: 3}});

	const again = await appliance.startWorker();
	await makeKey(server, jwt, id);
	t.is(await again.stop(), 0);
	const heads = headsLogged(again).filter(({chain}) => chain === id);
	t.deepEqual(
		heads.map(({sequence}) => sequence),
		[4],
	);
	const outcome = await verify('--organization', id);
	t.is(outcome.status, 0);
	t.regex(outcome.said, /4 entries, 2 signed heads: all as written; ends with 4:[0-9a-f]{64}/);
});

test.serial('metrics tell how much there is, and what is not signed yet', async (t) => {
	const fresh = await appliance.startServer();
	const {text} = await fresh.call('/metrics');
	const value = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
	t.true(value('latchkey_audit_entries') >= 4);
	t.true(value('latchkey_audit_unsigned_seconds') >= 0);
	t.true(value('latchkey_audit_signed_head_age_seconds') >= 0);
});

test.serial('every chain is verified, and what was checked is counted', async (t) => {
	await makeTrail();
	const outcome = await verify();
	t.is(outcome.status, 0, outcome.said);
	t.regex(outcome.said, /^\d+ chains, \d+ entries, \d+ signed heads: all as written$/m);
	const keys = await fetchKeys(server);
	t.is((await verify('--keys', keys)).status, 0);
});

test.serial(
	'S-87: a log line shows that the end was cut off with all that the database knew of it',
	async (t) => {
		const id = await makeTrail();
		const worker = await appliance.startWorker();
		await worker.stop();
		const head = headsLogged(worker).find(({chain}) => chain === id);
		const line = head?.line ?? '';
		t.is((await verify('--head', line)).status, 0);

		for (const statement of [
			'delete from audit_entries where chain = $1 and sequence > 2',
			'delete from audit_signed_heads where chain = $1',
			`update audit_heads set sequence = 2, hash =
			(select hash from audit_entries where chain = $1 and sequence = 2) where chain = $1`,
		]) {
			await intruder.query(statement, [id]);
		}
		t.is((await verify('--organization', id)).status, 0, 'nothing in the database tells');
		const found = await verify('--head', line);
		t.is(found.status, 1);
		t.regex(found.said, new RegExp(`chain ${id}: the end is cut off: entry 3 is missing`));
		const {sequence, hash, signature} = head ?? {};
		const short = await verify('--organization', id, '--head', `${sequence}:${hash}:${signature}`);
		t.is(short.status, 1);

		await intruder.query('delete from audit_entries where chain = $1', [id]);
		await intruder.query('delete from audit_heads where chain = $1', [id]);
		await intruder.query('delete from organisations where id = $1', [id]);
		t.is((await verify()).status, 0);
		t.regex((await verify('--head', line)).said, /entry 1 to 3 are missing/);
	},
);

test.serial(
	'S-86: the first entry at fault of each chain is named, and the worker signs it no more',
	async (t) => {
		const changed = await makeTrail();
		const shorter = await makeTrail();
		await intruder.query(
			`update audit_entries set content = replace(content, 'a key', 'no key') where chain = $1`,
			[changed],
		);
		await intruder.query('delete from audit_entries where chain = $1 and sequence = 2', [shorter]);
		const outcome = await verify();
		t.is(outcome.status, 1);
		t.true(outcome.said.includes(`chain ${changed}: entry 2 was changed`), outcome.said);
		t.true(outcome.said.includes(`chain ${shorter}: entry 2 is missing`));

		const worker = await appliance.startWorker();
		await worker.stop();
		await eventually(() => worker.output().includes('does not verify; its head is not signed'));
		t.deepEqual(
			headsLogged(worker).filter(({chain}) => chain === changed || chain === shorter),
			[],
		);
		for (const id of [changed, shorter]) {
			await intruder.query('delete from audit_entries where chain = $1', [id]);
			await intruder.query('delete from audit_heads where chain = $1', [id]);
			await intruder.query('delete from organisations where id = $1', [id]);
		}
	},
);

test.serial('what is not a finding has another exit status, and says so', async (t) => {
	const port = String(await freePort());
	const away = {
		...appliance.env,
		LATCHKEY_DATABASE_HOST: '127.0.0.1',
		LATCHKEY_DATABASE_PORT: port,
	};
	const unavailable = await audit(away, 'verify');
	t.is(unavailable.status, 75, unavailable.said);
	t.regex(unavailable.said, /Nothing is proved: PostgreSQL cannot be asked \(ECONNREFUSED\)/);
	const keys = await fetchKeys(server);
	for (const args of [
		['verify', '/nowhere'],
		['verify', keys],
		['verify', keys, keys, '--keys', keys],
		['verify', '--everything'],
		['verify', '--org', 'mine'],
		['verify', '--head', 'abc'],
		['verify', '--head', '0:abc'],
		['verify', '--keys', '/nowhere'],
		['verify', '--keys', await fileOf('{"keys":[]}')],
		['verify', '--keys', await fileOf('[]')],
		['verify', '--file', keys],
		['verify', '--file', '/nowhere', '--keys', keys],
		['verify', '--file', keys, '--keys', keys],
	]) {
		const outcome = await audit(appliance.env, ...args);
		t.is(outcome.status, 2, `${args.join(' ')}: ${outcome.said}`);
		t.regex(outcome.said, /Nothing is proved/);
	}
	const help = await audit({}, 'verify', '--help');
	t.is(help.status, 0);
	t.regex(help.said, /Usage: latchkey audit verify/);
	t.is((await audit({...appliance.env, LATCHKEY_DATABASE_PORT: 'x'}, 'verify')).status, 78);
});
