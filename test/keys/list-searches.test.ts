import {randomBytes, randomUUID} from 'node:crypto';
import test, {type ExecutionContext} from 'ava';
import type {Knex} from 'knex';
import type {KeysWanted} from '../../core/keys/filter.ts';
import {coversScope} from '../../contract/scopes.ts';
import {connectDatabase} from '../../core/db/connect.ts';
import {positionOf} from '../../server/http/page.ts';
import {listKeys} from '../../core/keys/list.ts';
import {eventually} from '../helpers/program.ts';
import {createDatabase} from '../helpers/services.ts';

async function open(t: ExecutionContext) {
	const database = await createDatabase();
	const db = connectDatabase(database.ownerConfig, 'test');
	t.teardown(async () => {
		await db.destroy();
		await database.drop();
	});
	await db.raw("select require_terms_version(8, '0.1.0')");
	const [organisation] = await db('organisations')
		.insert({name: 'one', plan: 'team'})
		.returning('id');
	const organisationId = organisation?.id ?? '';
	return {
		db,
		organisationId,
		role: async (name: string, scopes: string[]) => {
			const [row] = await db('key_roles')
				.insert({organisation_id: organisationId, name, scopes})
				.returning('id');
			return row?.id ?? '';
		},
		key: async (values: object = {}) => {
			const id = randomUUID();
			await db('api_keys').insert({
				id,
				organisation_id: organisationId,
				name: 'key',
				hash: randomBytes(32),
				hint: 'hklst_aaaaaa',
				...values,
			});
			return id;
		},
		give: (keyId: string, ...roles: string[]) =>
			db('key_role_members').insert(roles.map((id) => ({key_id: keyId, role_id: id}))),
		/** Each as it is kept, and as it follows from what the key has. */
		sources: async () => {
			const keys = await db('api_keys').select('id', 'terms', 'scope_sources').orderBy('id');
			const members = await db('key_role_members').select('*');
			return keys.map(({id, terms, scope_sources: kept}) => {
				const scopes = (terms as {scopes?: string[]}).scopes;
				const roles = members.filter((member) => member.key_id === id);
				const isFree = scopes === undefined && roles.length === 0;
				const follows = [...roles.map((member) => `#${member.role_id}`), ...(scopes ?? [])];
				return {kept: kept.toSorted(), follows: isFree ? ['#'] : follows.toSorted()};
			});
		},
	};
}

test('what gives a key its scopes follows every change of the key and its roles', async (t) => {
	const {db, role, key, give, sources} = await open(t);
	const [a, b, c] = [await role('a', ['x']), await role('b', ['y']), await role('c', ['z'])];
	const check = async (about: string) => {
		for (const {kept, follows} of await sources()) t.deepEqual(kept, follows, about);
	};
	const plain = await key();
	const scoped = await key({terms: {scopes: ['orders.*', 'a:b']}});
	await key({terms: {scopes: []}});
	await key({terms: {ip_allow: ['10.0.0.0/8']}});
	await check('made');
	await give(plain, a, b);
	await give(scoped, a);
	await check('given');
	await db('key_role_members').where({key_id: plain, role_id: b}).update({role_id: c});
	await check('another role');
	await db('key_role_members')
		.where({key_id: plain, role_id: a})
		.update({key_id: scoped, role_id: b});
	await check('another key');
	await db('api_keys')
		.where({id: scoped})
		.update({terms: {scopes: ['eu']}});
	await check('other scopes');
	await db('api_keys').where({id: scoped}).update({terms: {}});
	await check('no scopes');
	await db('key_role_members').where({role_id: a}).delete();
	await check('taken');
	await db.raw("update api_keys set scope_sources = '{x}'");
	await check('written by hand');
	await db('key_role_members').delete();
	await check('none');
	t.deepEqual((await sources()).map(({kept}) => kept.join()).toSorted(), ['', '#', '#', '#']);
});

test('two who give a key a role at the same time both have it found', async (t) => {
	const {db, role, key, sources} = await open(t);
	const [a, b] = [await role('a', ['x']), await role('b', ['y'])];
	const id = await key();
	const first = await db.transaction();
	await first('key_role_members').insert({key_id: id, role_id: a});
	const second = db.transaction((transaction) =>
		transaction('key_role_members').insert({key_id: id, role_id: b}),
	);
	await Promise.race([
		second,
		eventually(
			async () => {
				const {rows} = await db.raw<{rows: object[]}>(
					`select from pg_locks where not granted
						and pid in (select pid from pg_stat_activity where datname = current_database())`,
				);
				return rows.length > 0;
			},
			{what: 'the second to wait for the first'},
		),
	]);
	await first.commit();
	await second;
	const [found] = await sources();
	t.deepEqual(found?.kept, [`#${a}`, `#${b}`].toSorted());
});

type Row = {
	id: string;
	name: string;
	hint: string;
	tags: string[];
	scopes: string[] | null;
	roles: string[];
	last_used_at: Date | null;
	created_at: Date;
};

const day = 86_400_000;
const names = [
	'Nightly import',
	'Ärger',
	'100% of it',
	'a--b',
	'zz',
	'web_shop: orders',
	'ﬁn 漢字',
];
const scopes = [null, null, [], ['orders.*'], ['orders.read', 'a:b'], ['*'], ['rare/one']];
const roleScopes = {reader: ['orders.read', 'stock.*'], rare: ['rare/one'], all: ['*']};

/** Newest first. The last ones differ from all before them: no page of them is among the newest. */
async function fill(
	db: Knex,
	organisationId: string,
	roleIds: Record<string, string>,
	now: number,
) {
	const rows: Row[] = Array.from({length: 150}, (_, i) => ({
		id: randomUUID(),
		name: i > 140 ? `legacy ${i}` : `${names[i % names.length]} ${i % 11}`,
		hint: `hklst_${i % 5}Xy9Q${i % 7}`,
		tags: i > 140 ? ['old', 'eu'] : [i % 2 === 0 ? 'eu' : 'us'],
		scopes: i > 140 ? ['legacy.read'] : (scopes[i % scopes.length] ?? null),
		roles: i % 13 === 0 ? ['rare'] : i % 5 === 0 ? ['reader'] : i === 77 ? ['reader', 'all'] : [],
		last_used_at: i % 3 === 0 ? null : new Date(now - (i > 100 ? 60 : 0) * day),
		created_at: new Date(now - i * day),
	}));
	await db('api_keys').insert(
		rows.map((row) => ({
			id: row.id,
			name: row.name,
			hint: row.hint,
			tags: row.tags,
			last_used_at: row.last_used_at,
			created_at: row.created_at,
			organisation_id: organisationId,
			hash: randomBytes(32),
			terms: row.scopes === null ? {} : {scopes: row.scopes},
		})),
	);
	await db('key_role_members').insert(
		rows.flatMap(({id, roles}) =>
			roles.map((name) => ({key_id: id, role_id: roleIds[name] ?? ''})),
		),
	);
	return rows;
}

function hasScope({scopes: own, roles}: Row, scope: string): boolean {
	if (own === null && roles.length === 0) return true;
	const all = [
		...(own ?? []),
		...roles.flatMap((name) => roleScopes[name as keyof typeof roleScopes]),
	];
	return all.some((each) => coversScope(each, scope));
}

function matches(
	row: Row,
	{scope, role, tag, q, idle_days: days}: KeysWanted,
	now: number,
): boolean {
	const limit = now - (days ?? 0) * day;
	const {created_at: made, last_used_at: used} = row;
	return (
		(scope === undefined || hasScope(row, scope)) &&
		(role === undefined || row.roles.includes(role)) &&
		(tag === undefined || row.tags.includes(tag)) &&
		(q === undefined ||
			[row.name, row.id, row.hint].some((text) => text.toLowerCase().includes(q.toLowerCase()))) &&
		(days === undefined || (made.getTime() < limit && (used === null || used.getTime() < limit)))
	);
}

test('every narrowed list is what a look at each key finds, in pages that are short', async (t) => {
	const {db, organisationId, role} = await open(t);
	const roleIds = Object.fromEntries(
		await Promise.all(
			Object.entries(roleScopes).map(async ([name, own]) => [name, await role(name, own)] as const),
		),
	);
	// Whole days are half a day away.
	const now = Date.now() - day / 2;
	const rows = await fill(db, organisationId, roleIds, now);
	const id = rows[120]?.id ?? '';
	const askedScopes = [
		'orders.read',
		'orders.x.y',
		'stock.read',
		'rare/one',
		'legacy.read',
		'none',
		'a:b',
	];
	const askedParts = [
		'import,IMPORT,ärger,Ä,%,0% ,--,a--,zz,z,_,: o,漢,漢字,ﬁ,4,-',
		'legacy,legacy 14,hklst,xy9q,y9,~,legacylegacy,egalegal,gacyle',
		[id, id.toUpperCase(), id.slice(3, 9), id.slice(7, 10), id.slice(8, 10), id.slice(0, 1)].join(),
	];
	const filters: KeysWanted[] = [
		...askedScopes.map((scope) => ({scope})),
		...['reader', 'rare', 'all', 'nobody'].map((name) => ({role: name})),
		...askedParts.flatMap((parts) => parts.split(',').map((q) => ({q}))),
	];
	filters.push(
		{tag: 'old'},
		{tag: 'old', q: 'legacy', scope: 'legacy.read'},
		{tag: 'us', q: 'legacy'},
		{tag: 'eu', scope: 'rare/one', role: 'rare'},
		{idle_days: 30},
		{idle_days: 30, q: 'legacy'},
		{idle_days: 145, tag: 'eu'},
		{idle_days: 200},
	);
	let found = 0;
	for (const filter of filters) {
		const expected = rows.filter((row) => matches(row, filter, now + day / 2));
		found += expected.length > 0 ? 1 : 0;
		for (const limit of [2, 200]) {
			const listed: string[] = [];
			let position;
			for (;;) {
				const page = await listKeys(db, organisationId, {limit, position}, filter);
				listed.push(...page.map((row) => row.id));
				const last = page.at(-1);
				if (last === undefined || page.length < limit) break;
				position = positionOf(last);
			}
			t.deepEqual(
				listed,
				expected.map((row) => row.id),
				`${JSON.stringify(filter)} by ${limit}`,
			);
		}
	}
	t.true(found > filters.length / 2);
});
