import test from 'ava';
import {apiVersion} from '../../contract/events.ts';
import {makeKey, makeOrganisation} from '../helpers/appliance.ts';
import {openAppliance} from '../helpers/opening.ts';
import {eventually} from '../helpers/program.ts';

/* A server is killed while it changes a key: change, entry and event are there, or none of them. */

const {appliance, server, jwt, db} = await openAppliance();

test.after.always(() => appliance.stop());

async function make() {
	const {id: organisation} = await makeOrganisation(server, jwt, 'team');
	await db('webhook_endpoints').insert({
		organisation_id: organisation,
		url: 'https://hooks.example.com',
		api_version: apiVersion,
		event_types: ['key.updated'],
	});
	const key = await makeKey(server, jwt, organisation, 'before');
	const find = () => db('api_keys').where({id: key.id}).first('name', 'version');
	return {
		id: key.id,
		path: `/api/v1/organizations/${organisation}/api-keys/${key.id}`,
		find,
		/** The name of the key, and how many entries and events tell of its change. */
		state: async () => {
			const entries = await db('audit_entries')
				.where({chain: organisation, target_id: key.id, action: 'key.updated'})
				.select('sequence');
			const events = await db('events').where({organisation_id: organisation}).select('id');
			return {...(await find()), entries: entries.length, events: events.length};
		},
	};
}

test('killed between the commit and the answer: everything is there', async (t) => {
	const [doomed, silent] = [await appliance.startServer(), await appliance.startServer()];
	const {path, find, state} = await make();
	// It holds a lease and says nothing: the answer waits for it.
	silent.kill('SIGSTOP');
	const answer = doomed.call(path, {method: 'PATCH', bearer: jwt, body: {name: 'after'}});
	const isCut = answer.then(
		() => false,
		() => true,
	);
	await eventually(async () => (await find())?.version === 2);
	doomed.kill('SIGKILL');
	t.true(await isCut, 'nobody was answered');
	silent.kill('SIGCONT');
	t.deepEqual(await state(), {name: 'after', version: 2, entries: 1, events: 1});
	// Whoever asks again with the version that they had is told that it was changed.
	const again = {method: 'PATCH', bearer: jwt, body: {name: 'after'}, headers: {'If-Match': '"1"'}};
	t.is((await server.call(path, again)).status, 412);
});

test('killed before the commit: nothing is there', async (t) => {
	const doomed = await appliance.startServer();
	const {id, path, state} = await make();
	await db.transaction(async (transaction) => {
		await transaction('api_keys').where({id}).forUpdate().select('id');
		const answer = doomed.call(path, {method: 'PATCH', bearer: jwt, body: {name: 'after'}});
		const isCut = answer.then(
			() => false,
			() => true,
		);
		// Its change is under way, and waits for the row.
		await eventually(async () => {
			const {rows} = await db.raw<{rows: object[]}>(
				`select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`,
			);
			return rows.length > 0;
		});
		doomed.kill('SIGKILL');
		// On a busy machine it may have been told before that the row was not to be had: 503.
		await isCut;
	});
	// PostgreSQL may notice later that nobody is there any more.
	await eventually(async () => {
		const {rows} = await db.raw<{rows: object[]}>(
			`select from pg_stat_activity where state <> 'idle' and query like '%api_keys%'
				and pid <> pg_backend_pid() and datname = current_database()`,
		);
		return rows.length === 0;
	});
	t.deepEqual(await state(), {name: 'before', version: 1, entries: 0, events: 0});
});
