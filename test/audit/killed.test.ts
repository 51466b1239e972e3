import {setTimeout as sleep} from 'node:timers/promises';
import test from 'ava';
import type {Knex} from 'knex';
import {eventually} from '../helpers/program.ts';
import {listEntries, type AuditFilter} from '../../core/audit/store.ts';
import {verifyChain} from '../../core/audit/proof/verify.ts';
import {connectDatabase} from '../../core/db/connect.ts';
import {
	createAppliance,
	makeOrganisation,
	type Appliance,
	type Server,
} from '../helpers/appliance.ts';

const rounds = 8;
const callers = 6;

let appliance: Appliance;
let db: Knex;

test.before(async () => {
	appliance = await createAppliance();
	db = connectDatabase(appliance.database, 'test');
});

test.after.always(async () => {
	await db.destroy();
	await appliance.stop();
});

type Entry = {id: string; details: {from: string; to: string}};

/** Ids of the targets and details of the entries of a chain, oldest first. */
async function entriesOf(chain: string, action: NonNullable<AuditFilter['actions']>[number]) {
	const entries = await listEntries(db, chain, {actions: [action]}, {limit: 100_000, after: 0});
	return entries.map(({content}): Entry => {
		const {target, details} = JSON.parse(content) as {target: {id: string}} & Entry;
		return {id: target.id, details};
	});
}

test('S-85, F-03: a server killed at random moments leaves no change without its entry, nor the reverse', async (t) => {
	let organisation: {id: string; name: string} | undefined;
	let renamed = 0;
	const created: string[] = [];
	const revoked: string[] = [];
	const names: string[] = [];

	for (let round = 0; round < rounds; round++) {
		const server: Server = await appliance.startServer();
		const jwt = await server.logIn();
		organisation ??= await makeOrganisation(server, jwt, 'team');
		const path = `/api/v1/organizations/${organisation.id}`;
		const victims = created.filter((id) => !revoked.includes(id));
		const change = async () => {
			const answer = await server.call(`${path}/api-keys`, {bearer: jwt, body: {name: 'a key'}});
			if (answer.status === 201) {
				const {id} = answer.json() as {id: string};
				created.push(id);
				victims.push(id);
			}
			const victim = victims.shift();
			if (victim !== undefined) {
				const gone = await server.call(`${path}/api-keys/${victim}`, {
					method: 'DELETE',
					bearer: jwt,
				});
				if (gone.status === 200) revoked.push(victim);
			}
			const name = `name ${++renamed}`;
			const change = await server.call(path, {method: 'PATCH', bearer: jwt, body: {name}});
			if (change.status === 200) names.push(name);
		};
		const load = Array.from({length: callers}, async () => {
			// The first call that fails ends the caller: the server is gone.
			for (;;) await change();
		});
		const ended = Promise.allSettled(load);
		const before = created.length + revoked.length + names.length;
		const enough = before + 5 + Math.random() * 30;
		await eventually(() => created.length + revoked.length + names.length > enough);
		await sleep(Math.random() * 20);
		server.kill('SIGKILL');
		await server.exited;
		await ended;
	}

	const {id = '', name: firstName = ''} = organisation ?? {};
	const keys = await db('api_keys').where({organisation_id: id}).select('id', 'revoked_at');
	const idsOf = (entries: readonly Entry[]) => entries.map((entry) => entry.id).toSorted();
	const createdEntries = await entriesOf(id, 'key.created');
	t.deepEqual(idsOf(createdEntries), keys.map((key) => key.id).toSorted());
	t.deepEqual(
		idsOf(await entriesOf(id, 'key.revoked')),
		keys
			.filter((key) => key.revoked_at !== null)
			.map((key) => key.id)
			.toSorted(),
	);
	const renames = await entriesOf(id, 'organization.updated');
	let name = firstName;
	for (const {details} of renames) {
		t.is(details.from, name, 'each rename begins where the one before ended');
		name = details.to;
	}
	t.is((await db('organisations').where({id}).first())?.name, name);

	const recorded = new Set(createdEntries.map((entry) => entry.id));
	t.true(
		created.every((each) => recorded.has(each)),
		'what was answered is on record',
	);
	t.true(names.every((each) => renames.some(({details}) => details.to === each)));
	t.log(
		`${keys.length} keys, ${revoked.length} revoked, ${renames.length} renames in ${rounds} rounds`,
	);
	t.true(keys.length > rounds && renames.length > 0 && revoked.length > 0);
	const outcome = await verifyChain({db, chain: id, keys: new Map()});
	t.false('fault' in outcome, JSON.stringify(outcome));
});
