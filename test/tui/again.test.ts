import test from 'ava';
import {connectDatabase} from '../../core/db/connect.ts';
import {createClient} from '../../tui/client/client.ts';
import {all} from '../../tui/client/pages.ts';
import {createSession, inMemory} from '../../tui/session/session.ts';
import {createAppliance, makeKey, makeOrganisation, type Appliance} from '../helpers/appliance.ts';

let appliance: Appliance;

test.before(async () => {
	appliance = await createAppliance();
});

test.after.always(() => appliance.stop());

test('a list is read again page by page, and only pages that changed are sent', async (t) => {
	const server = await appliance.startServer();
	const jwt = await server.logIn();
	const {id: org_id} = await makeOrganisation(server, jwt, 'team');
	const database = connectDatabase(appliance.ownerDatabase, 'test');
	t.teardown(() => database.destroy());
	// In pieces: an index is kept for each key, and no statement may take long.
	for (let from = 1; from < 1500; from += 100) {
		await database.raw(
			`insert into api_keys (organisation_id, name, hash, hint, created_at)
			select ?::uuid, 'key ' || i, sha256(i::text::bytea), 'hklst_000000', now() - i * interval '1 minute'
			from generate_series(?::int, ?::int) as i`,
			[org_id, from, from + 99],
		);
	}
	const session = createSession(inMemory({accessToken: jwt}));
	const client = createClient({url: new URL(server.url), session});
	t.teardown(() => client.close());
	const partly: number[] = [];
	const read = () => all(client, 'listKeys', {org_id}, (some) => partly.push(some.length));

	const first = await read();
	t.is(first.length, 1500);
	t.is(partly[0], 200, 'the first rows are shown at once');
	t.is(await read(), first, 'the very same list');

	// On the last page: the others are what they were.
	const oldest = first.at(-1)?.id ?? '';
	await database('api_keys')
		.where({id: oldest})
		.update({last_used_at: new Date(0)});
	const used = await read();
	t.is(used.at(-1)?.last_used_at, '1970-01-01T00:00:00Z');
	t.is(used[0], first[0]);
	t.is(used[1199], first[1199]);
	t.not(used[1200], first[1200]);

	const made = await makeKey(server, jwt, org_id, 'newest');
	const more = await read();
	t.is(more.length, 1501);
	t.is(more[0]?.id, made.id);

	// Another list has nothing to do with it.
	const {id: other} = await makeOrganisation(server, jwt, 'team');
	t.deepEqual(await all(client, 'listKeys', {org_id: other}), []);
	t.deepEqual(await read(), more);
});
