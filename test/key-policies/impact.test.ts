import {createHash, randomUUID} from 'node:crypto';
import test from 'ava';
import fc from 'fast-check';
import {rulesOfKeys, type KeyPolicy} from '../../contract/key-policies.ts';
import type {StoredTerms} from '../../contract/key-terms.ts';
import {connectDatabase} from '../../core/db/connect.ts';
import type {Position} from '../../core/db/position.ts';
import {unsetPolicy} from '../../core/key-policies/effective.ts';
import {idleSinceOf} from '../../core/key-policies/enforced.ts';
import {judgeKeys, type Judged} from '../../core/key-policies/judged.ts';
import {breachesOfKey} from '../../core/key-policies/rules.ts';
import {createDatabase} from '../helpers/services.ts';

const database = await createDatabase();
const db = connectDatabase(database.ownerConfig, 'test');

test.after.always(async () => {
	await db.destroy();
	await database.drop();
});

const day = 86_400_000;
const hour = 3_600_000;
const seed = 20_261_130;

const scopes = [
	'orders orders.read orders.* orders.items.* orders.items.read orders_x.read invoices:read',
	'invoices:* a/b a/* * latchkey:* latchkey:sources:read',
].flatMap((line) => line.split(' '));
const someScopes = fc.uniqueArray(fc.constantFrom(...scopes), {maxLength: 4});
const orNull = <T>(values: fc.Arbitrary<T>) => fc.option(values, {nil: null});
const days = orNull(fc.integer({min: 1, max: 60}));

const policies: fc.Arbitrary<KeyPolicy> = fc
	.record({
		max_lifetime_days: days,
		require_expiry: fc.boolean(),
		rotate_every_days: days,
		idle_suspend_days: days,
		require_scopes: fc.boolean(),
		scope_catalogue: orNull(someScopes),
		require_ip_allow: fc.boolean(),
		applies_to_existing: fc.constantFrom('report' as const, 'enforce' as const),
	})
	.map((some) => ({...unsetPolicy, ...some}));

const roles = scopes.slice(0, 8).map((scope, index) => ({
	id: randomUUID(),
	name: `role-${index}`,
	scopes: [scope, scopes[index + 4] ?? '*'],
}));

/** Nothing of them is within an hour of what a rule counts. */
const keys = fc.record({
	id: fc.uuid({version: 4}),
	age: fc.integer({min: 0, max: 80}),
	life: orNull(fc.integer({min: 1, max: 120})),
	scopes: orNull(someScopes),
	hasNetworks: fc.boolean(),
	roles: fc.uniqueArray(fc.constantFrom(...roles), {maxLength: 2}),
	isRotated: fc.boolean(),
	/** How many days ago it was used, begun and changed, at most as long ago as it was made. */
	used: orNull(fc.integer({min: 0, max: 80})),
	begun: orNull(fc.integer({min: 0, max: 80})),
	changed: orNull(fc.integer({min: 0, max: 80})),
	isSuspended: fc.boolean(),
	death: fc.constantFrom('revoked', 'grace over', ...Array<undefined>(7).fill(undefined)),
});

test('what SQL finds of each key is what is said of it in words', async (t) => {
	const [organisation] = await db('organisations')
		.insert({name: 'an organisation', plan: 'team'})
		.returning('id');
	const place = organisation?.id ?? '';
	await db('key_roles').insert(roles.map((role) => ({...role, organisation_id: place})));
	const now = Date.now();
	const made = fc.sample(keys, {numRuns: 300, seed}).map((key) => {
		const createdAt = new Date(now - key.age * day - hour);
		const expiresAt =
			key.life === null ? null : new Date(createdAt.getTime() + key.life * day + 2 * hour);
		const terms: StoredTerms = {
			...(key.scopes === null ? {} : {scopes: key.scopes}),
			...(key.hasNetworks ? {ip_allow: ['10.0.0.0/8']} : {}),
		};
		const ago = (some: number | null) =>
			some === null ? null : new Date(now - Math.min(some, key.age) * day - hour);
		const times = {
			last_used_at: ago(key.used),
			not_before: ago(key.begun),
			changed_at: ago(key.changed),
		};
		return {...key, createdAt, expiresAt, terms, times};
	});
	await db('api_keys').insert(
		made.map((key) => ({
			id: key.id,
			organisation_id: place,
			name: 'a key',
			hash: createHash('sha256').update(key.id).digest(),
			hint: 'hklst_aaaaaa',
			created_at: key.createdAt,
			expires_at: key.expiresAt,
			terms: key.terms,
			...key.times,
			suspended_at: key.isSuspended ? new Date(now - 1) : null,
			grace_until: key.isRotated
				? new Date(now + (key.death === 'grace over' ? -1 : 1) * hour)
				: null,
			replaced_by_id: null,
			revoked_at: key.death === 'revoked' ? new Date(now - 1) : null,
		})),
	);
	const rotated = made.filter(({isRotated}) => isRotated).map(({id}) => id);
	await db('api_keys')
		.whereIn('id', rotated)
		.update({replaced_by_id: db.ref('id')});
	const members = made.flatMap((key) => key.roles.map(({id}) => ({key_id: key.id, role_id: id})));
	await db('key_role_members').insert(members);

	const live = made
		.filter(({death, isRotated, expiresAt}) => {
			const isDead = death === 'revoked' || (isRotated && death === 'grace over');
			return !isDead && (expiresAt === null || expiresAt.getTime() > now + hour / 2);
		})
		.toSorted((a, b) => Number(a.createdAt) - Number(b.createdAt) || (a.id < b.id ? -1 : 1));
	t.true(live.length > 100);
	const broken = new Set<string>();
	for (const policy of fc.sample(policies, {numRuns: 60, seed})) {
		const judged = await judgeAll(place, policy);
		const breaches = live.map((key) => {
			const existing = {
				terms: {
					...key.terms,
					expires_at: key.expiresAt,
					roles: key.roles.map(({name}) => name),
				},
				createdAt: key.createdAt,
				isRotated: key.isRotated,
				idleSince: key.isSuspended ? null : idleSinceOf({...key.times, created_at: key.createdAt}),
			};
			return {key, breaches: breachesOfKey(policy, existing, {roles, now})};
		});
		const affected = breaches.filter((each) => each.breaches.length > 0);
		const of = (rule: string) =>
			affected.filter((each) => each.breaches.some((breach) => breach.rule === rule));
		for (const rule of rulesOfKeys) {
			t.is(judged[rule], of(rule).length, `${rule} of ${JSON.stringify(policy)}`);
			if (judged[rule] > 0) broken.add(rule);
		}
		t.is(judged.keys, live.length);
		t.is(judged.affected, affected.length);
		t.deepEqual(
			judged.found,
			affected.map(({key}) => key.id),
		);
		const isOld = ({key}: {key: {age: number}}) =>
			key.age >= (policy.max_lifetime_days ?? Infinity);
		t.is(judged.outlived, of('max_lifetime_days').filter(isOld).length);
		t.is(judged.refused, policy.applies_to_existing === 'enforce' ? judged.outlived : 0);
	}
	t.deepEqual([...broken].toSorted(), rulesOfKeys.toSorted(), 'a rule was broken by nothing');
});

/** A few keys at a time. */
async function judgeAll(place: string, policy: KeyPolicy): Promise<Judged> {
	const batch = 37;
	const asked = {place, policies: new Map([[null, policy]])};
	let position: Position | undefined;
	let sum: Judged | undefined;
	for (;;) {
		const part = await judgeKeys(db, asked, {position, batch, most: 1000}, undefined);
		for (const name of [...rulesOfKeys, 'keys', 'affected', 'outlived', 'refused'] as const) {
			part[name] += sum?.[name] ?? 0;
		}
		sum = {...part, found: [...(sum?.found ?? []), ...part.found]};
		if (part.read < batch || part.last_created_at === null || part.last_id === null) return sum;
		position = {createdAt: part.last_created_at.toISOString(), id: part.last_id};
	}
}
