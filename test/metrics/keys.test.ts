import test from 'ava';
import type {Knex} from 'knex';
import {keyStatuses} from '../../contract/key-status.ts';
import {connectDatabase} from '../../core/db/connect.ts';
import {countKeys, readKeyFigures} from '../../core/keys/figures.ts';
import {createDatabase, type TestDatabase} from '../helpers/services.ts';

let database: TestDatabase;
let db: Knex;

test.before(async () => {
	database = await createDatabase();
	db = connectDatabase(database.config, 'test');
});

test.after.always(async () => {
	await db.destroy();
	await database.drop();
});

test.afterEach.always(async () => {
	await db('api_keys').delete();
	await db('key_policies').delete();
});

async function makeOrganisation(): Promise<string> {
	const [row] = await db('organisations').insert({name: 'test'}).returning('id');
	return row?.id ?? '';
}

type Columns = Partial<
	Record<
		| 'created_at'
		| 'revoked_at'
		| 'suspended_at'
		| 'not_before'
		| 'expires_at'
		| 'grace_until'
		| 'last_used_at',
		number
	>
>;

/** A key whose times are so many days from now. */
async function insertKey(organisationId: string, days: Columns): Promise<void> {
	await db.raw(
		`insert into api_keys (organisation_id, name, hash, hint, created_at, revoked_at, suspended_at, not_before,
			expires_at, grace_until, last_used_at)
		select :organisationId, 'key', sha256(gen_random_uuid()::text::bytea), 'hint',
			coalesce(now() + days[1] * interval '1 day', now()), now() + days[2] * interval '1 day',
			now() + days[3] * interval '1 day', now() + days[4] * interval '1 day', now() + days[5] * interval '1 day',
			now() + days[6] * interval '1 day', now() + days[7] * interval '1 day'
		from (select :days::float8[] as days) as given`,
		{
			organisationId,
			days: [
				days.created_at,
				days.revoked_at,
				days.suspended_at,
				days.not_before,
				days.expires_at,
				days.grace_until,
				days.last_used_at,
			].map((value) => value ?? null) as number[],
		},
	);
}

/** What is told, as `name label`. */
async function told(): Promise<Record<string, number>> {
	await countKeys(db);
	const figures = await readKeyFigures(db);
	return Object.fromEntries(
		figures?.counts.map(({name, label, count}) => [`${name} ${label}`.trim(), count]) ?? [],
	);
}

test.serial(
	'before keys were counted nothing is told, and afterwards that there are none',
	async (t) => {
		await db.raw('delete from key_figures');
		t.is(await readKeyFigures(db), undefined);
		t.deepEqual(
			await told(),
			Object.fromEntries([
				...keyStatuses.map((status) => [`keys ${status}`, 0]),
				...['expiring 1d', 'expiring 7d', 'expiring 30d', 'idle 30', 'idle 90', 'never_used'].map(
					(name) => [name, 0],
				),
			]),
		);
	},
);

test.serial('each key counts under its one status, the first that applies', async (t) => {
	const [organisation, other] = [await makeOrganisation(), await makeOrganisation()];
	const kinds: Columns[] = [
		{},
		{grace_until: 1},
		{expires_at: -1, grace_until: 1},
		{not_before: 1, expires_at: -1},
		{suspended_at: -1, not_before: 1},
		{grace_until: -1, suspended_at: -1},
		{revoked_at: -1, grace_until: -1, suspended_at: -1},
	];
	for (const kind of kinds) {
		for (const each of [organisation, other]) await insertKey(each, {created_at: -2, ...kind});
	}
	const found = await told();
	t.deepEqual(
		keyStatuses.map((status) => found[`keys ${status}`]),
		keyStatuses.map(() => 2),
	);
});

test.serial(
	'active keys that end soon, are idle or were never used are told, others are not',
	async (t) => {
		const organisation = await makeOrganisation();
		for (const kind of [
			{created_at: -6},
			{created_at: -8},
			{created_at: -31},
			{created_at: -200, last_used_at: -91},
			{created_at: -200, last_used_at: -31},
			{created_at: -200, last_used_at: -29},
			{expires_at: 0.5},
			{expires_at: 6},
			{expires_at: 29},
			{expires_at: 31},
			// Of none of these there is anything to be done.
			{created_at: -200, revoked_at: -1},
			{created_at: -200, expires_at: -1},
			{created_at: -200, grace_until: 0.5, expires_at: 0.5},
			{created_at: -200, suspended_at: -1, expires_at: 0.5},
		]) {
			await insertKey(organisation, kind);
		}
		t.like(await told(), {
			'keys active': 10,
			'expiring 1d': 1,
			'expiring 7d': 2,
			'expiring 30d': 3,
			'idle 30': 3,
			'idle 90': 1,
			never_used: 2,
		});
	},
);

test.serial('the end of a key is that of an enforced policy, where that is earlier', async (t) => {
	const [ruled, free] = [await makeOrganisation(), await makeOrganisation()];
	for (const organisation of [ruled, free]) {
		await insertKey(organisation, {created_at: -9.5});
		await insertKey(organisation, {created_at: -11});
	}
	t.like(await told(), {'keys active': 4, 'keys expired': 0, 'expiring 30d': 0});
	const rule = {max_lifetime_days: 10, applies_to_existing: 'enforce' as const};
	await db('key_policies').insert({organisation_id: ruled, ...rule});
	t.like(await told(), {'keys active': 3, 'keys expired': 1, 'expiring 1d': 1});
	// That of the appliance, for both.
	await db('key_policies').insert({organisation_id: null, ...rule, max_lifetime_days: 5});
	t.like(await told(), {'keys active': 0, 'keys expired': 4});
});

test.serial('keys that are counted twice at once are counted right', async (t) => {
	const organisation = await makeOrganisation();
	for (let i = 0; i < 5; i++) await insertKey(organisation, {});
	await Promise.all(Array.from({length: 8}, () => countKeys(db)));
	t.like(await told(), {'keys active': 5});
	t.true(((await readKeyFigures(db))?.ageSeconds ?? Infinity) < 600);
});
