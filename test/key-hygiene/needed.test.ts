import {createHash} from 'node:crypto';
import test from 'ava';
import fc from 'fast-check';
import {hygieneDefaults} from '../../contract/key-hygiene.ts';
import {coversScope} from '../../contract/scopes.ts';
import {connectDatabase} from '../../core/db/connect.ts';
import {judgeHygiene} from '../../core/key-hygiene/judged.ts';
import {unneededScopes, withoutUnneeded} from '../../core/key-hygiene/needed.ts';
import {readHygieneRows} from '../../core/key-hygiene/read.ts';
import {createDatabase} from '../helpers/services.ts';

const database = await createDatabase();
const db = connectDatabase(database.ownerConfig, 'test');

test.after.always(async () => {
	await db.destroy();
	await database.drop();
});

const day = 86_400_000;
const seed = 20_261_130;

const granted =
	'orders orders.read orders.* orders.items.* a/b a/* * latchkey:* latchkey:sources:read';
const asked = 'orders orders.read orders.items.read a/b latchkey:sources:read orders_x.read';
const someOf = (scopes: string) =>
	fc.uniqueArray(fc.constantFrom(...scopes.split(' ')), {maxLength: 4});
const roles = granted.split(' ').map((scope, place, all) => ({
	id: `00000000-0000-4000-8000-00000000000${place}`,
	name: `role-${place}`,
	scopes: [scope, all[(place + 4) % all.length] ?? scope],
	// Some were changed so lately that nothing can be said of them.
	updated_at: new Date(Date.now() - (place % 3 === 0 ? 1 : 60) * day),
}));

const keys = fc.record({
	id: fc.uuid({version: 4}),
	scopes: fc.option(someOf(granted), {nil: null}),
	roles: fc.uniqueArray(fc.constantFrom(...roles), {maxLength: 2}),
	needed: someOf(asked),
	before: someOf(asked),
});

test('SQL finds what no use needed as it is said, and what is proposed takes that away and nothing else', async (t) => {
	const [organisation] = await db('organisations')
		.insert({name: 'an organisation', plan: 'team'})
		.returning('id');
	const organisationId = organisation?.id ?? '';
	await db('key_roles').insert(
		roles.map((role) => ({...role, organisation_id: organisationId})) as never,
	);
	const made = fc.sample(keys, {numRuns: 400, seed});
	await db('api_keys').insert(
		made.map((key) => ({
			id: key.id,
			organisation_id: organisationId,
			name: 'a key',
			hash: createHash('sha256').update(key.id).digest(),
			hint: 'hklst_aaaaaa',
			created_at: new Date(Date.now() - 60 * day),
			last_used_at: new Date(Date.now() - day),
			terms: key.scopes === null ? {} : {scopes: key.scopes},
		})) as never,
	);
	await db('key_role_members').insert(
		made.flatMap((key) => key.roles.map(({id}) => ({key_id: key.id, role_id: id}))),
	);
	const uses = made.flatMap((key) => [
		...key.needed.map((scope) => ({key_id: key.id, scope, at: 1})),
		// Too long ago to count.
		...key.before
			.filter((scope) => !key.needed.includes(scope))
			.map((scope) => ({key_id: key.id, scope, at: 200})),
	]);
	await db.raw(
		`insert into key_needed_scopes (key_id, scope, first_needed_at, last_needed_at, count)
		select key_id, scope, now() - at * interval '24 hours', now() - at * interval '24 hours', 1
		from jsonb_to_recordset(?::jsonb) as t (key_id uuid, scope text, at int)`,
		[JSON.stringify(uses)],
	);

	const question = {
		organisationId,
		bounds: hygieneDefaults,
		lifeDays: null,
		watchedSince: new Date(Date.now() - 90 * day),
	};
	const batch = {position: undefined, batch: 1000, most: 1000};
	const judged = await judgeHygiene(db, question, batch, 'over_privileged');
	const found = new Set(judged.found.map(({id}) => id));
	const rows = await readHygieneRows(
		db,
		organisationId,
		made.map(({id}) => id),
	);
	const kinds = {found: 0, sound: 0};
	for (const row of rows) {
		const unneeded = unneededScopes(row);
		const isFound = row.needed.length > 0 && unneeded.length > 0;
		t.is(found.has(row.id), isFound, JSON.stringify(row));
		kinds[isFound ? 'found' : 'sound']++;
		if (!isFound) continue;
		const change = withoutUnneeded(row);
		const kept = row.roles_in_full.filter(({name}) => (change?.roles ?? row.roles).includes(name));
		const after = [...(change?.scopes ?? []), ...kept.flatMap(({scopes}) => scopes)];
		const before = [
			...(row.terms.scopes ?? []),
			...row.roles_in_full.flatMap(({scopes}) => scopes),
		];
		t.true(Array.isArray(change?.scopes), 'a key is never left without a restriction');
		t.true(
			after.every((scope) => before.includes(scope)),
			'nothing is given',
		);
		for (const need of row.needed) {
			const isGiven = (scopes: string[]) => scopes.some((scope) => coversScope(scope, need));
			t.is(isGiven(after), isGiven(before), `what was needed stays: ${need}`);
		}
		const ofSettled = kept.filter((role) => role.is_settled).flatMap(({scopes}) => scopes);
		for (const scope of [...(change?.scopes ?? []), ...ofSettled])
			t.false(unneeded.includes(scope));
	}
	t.true(kinds.found > 50 && kinds.sound > 50, JSON.stringify(kinds));
});
