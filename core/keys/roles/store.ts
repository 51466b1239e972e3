import type {Knex} from 'knex';
import type {KeyRoleChanges} from '../../../contract/key-roles.ts';
import type {By} from '../../actor.ts';
import {record} from '../../audit/trail/record.ts';
import {sliceNewestFirst, type Slice} from '../../db/position.ts';
import type {KeyRoleRow} from '../../db/key-tables.ts';
import {holdKeyPolicies} from '../../key-policies/store.ts';
import {requireRoom} from '../../organisations/limits.ts';
import {lockOrganisation} from '../../organisations/lock.ts';
import {allowScopesOfRole} from '../allowed.ts';
import {graceIsNotOver} from '../grace.ts';
import type {KeyRefused} from '../proposal.ts';
import {presentKeyRole, presentKeyRoleForEvent} from './present.ts';

/** With how many keys have it that are not gone. */
export type CountedKeyRole = KeyRoleRow & {keys: number};

/** Why a role is not made, changed or deleted. */
export type KeyRoleRefused =
	| {kind: 'name taken'}
	| {kind: 'in use'; keys: number}
	/** The key policy is against it. */
	| KeyRefused
	/** Its version is none that the change was meant for. */
	| {kind: 'not expected'};

/**
 * @param most roles that the organisation may have
 * @throws {LimitReached}
 */
export async function insertKeyRole(
	db: Knex,
	by: By,
	organisationId: string,
	role: {name: string; description?: string | null | undefined; scopes: string[]},
	most: number,
): Promise<CountedKeyRole | KeyRoleRefused> {
	return db.transaction(async (transaction) => {
		const refused = await allowScopesOfRole(transaction, by, organisationId, role.scopes);
		if (refused !== undefined) return refused;
		const existing = transaction('key_roles').where({organisation_id: organisationId}).select('id');
		await requireRoom(transaction, organisationId, existing, {limit: 'keyRoles', most});
		const {name, description = null, scopes} = role;
		const [row] = await transaction('key_roles')
			.insert({organisation_id: organisationId, name, description, scopes})
			.onConflict(['organisation_id', 'name'])
			.ignore()
			.returning('*');
		if (row === undefined) return {kind: 'name taken'};
		await record(transaction, by, {
			action: 'key_role.created',
			...entryOf(row),
			event: {key_role: presentKeyRoleForEvent(row)},
		});
		return {...row, keys: 0};
	});
}

/** Newest first. */
export async function listKeyRoles(
	db: Knex,
	organisationId: string,
	slice: Slice,
): Promise<CountedKeyRole[]> {
	const query = counted(db).where({organisation_id: organisationId});
	sliceNewestFirst(query, slice);
	return (await query) as CountedKeyRole[];
}

export async function findKeyRole(
	db: Knex,
	organisationId: string,
	id: string,
): Promise<CountedKeyRole | undefined> {
	return (await counted(db).where({organisation_id: organisationId, id}).first()) as
		| CountedKeyRole
		| undefined;
}

export type ChangedKeyRole = KeyRoleRefused | {kind: 'unchanged' | 'changed'; row: CountedKeyRole};

/**
 * Changes the given members of a role; what its keys may do changes with it.
 *
 * @param isExpected whether the version of the role is one that the change was meant for
 * @returns undefined where the organisation has no such role
 */
export async function updateKeyRole(
	transaction: Knex.Transaction,
	by: By,
	{organisationId, roleId}: {organisationId: string; roleId: string},
	changes: KeyRoleChanges,
	isExpected: (version: number) => boolean,
): Promise<ChangedKeyRole | undefined> {
	// Before a role is locked, as whoever gives one to a key does it.
	if (changes.scopes !== undefined) await holdKeyPolicies(transaction, organisationId);
	if (changes.name !== undefined) await lockOrganisation(transaction, organisationId);
	const before = await lockRole(transaction, organisationId, roleId);
	if (before === undefined) return undefined;
	if (!isExpected(before.version)) return {kind: 'not expected'};
	const wanted = {...before, ...given(changes)};
	const refused =
		changes.scopes &&
		(await allowScopesOfRole(transaction, by, organisationId, wanted.scopes, before.scopes));
	if (refused !== undefined) return refused;
	const [was, willBe] = [presentKeyRole(before), presentKeyRole(wanted)];
	const changed = changeable.filter(
		(member) => JSON.stringify(was[member]) !== JSON.stringify(willBe[member]),
	);
	if (changed.length === 0) return {kind: 'unchanged', row: before};
	if (changed.includes('name') && (await hasRole(transaction, organisationId, wanted.name))) {
		return {kind: 'name taken'};
	}
	const {name, description, scopes} = wanted;
	const [row] = await transaction('key_roles')
		.where({id: roleId})
		.update({
			name,
			description,
			// A trigger announces whatever names them.
			...(changed.includes('scopes') ? {scopes} : {}),
			version: transaction.raw('version + 1'),
			updated_at: transaction.raw('now()'),
		})
		.returning('*');
	if (row === undefined) throw new Error('a role that is locked has gone');
	const {keys} = before;
	const previous = Object.fromEntries(changed.map((member) => [member, was[member]]));
	const {details, ...entry} = entryOf(row);
	await record(transaction, by, {
		action: 'key_role.updated',
		...entry,
		details: {
			...details,
			changed: changed.join(', '),
			keys,
			...(changed.includes('name') ? {previous_name: before.name} : {}),
			...(changed.includes('scopes') ? {previous_scopes: inWords(before.scopes)} : {}),
		},
		event: {key_role: presentKeyRoleForEvent(row), changed, previous},
	});
	return {kind: 'changed', row: {...row, keys}};
}

/**
 * Deletes a role that no key has any more, but for those that are gone, which lose it. A key that is given
 * it at the same moment is waited for.
 *
 * @returns undefined where the organisation has no such role
 */
export async function deleteKeyRole(
	db: Knex,
	by: By,
	organisationId: string,
	roleId: string,
): Promise<KeyRoleRefused | {kind: 'deleted'} | undefined> {
	return db.transaction(async (transaction) => {
		const row = await lockRole(transaction, organisationId, roleId);
		if (row === undefined) return undefined;
		if (row.keys > 0) return {kind: 'in use', keys: row.keys};
		await transaction('key_role_members').where({role_id: roleId}).delete();
		await transaction('key_roles').where({id: roleId}).delete();
		await record(transaction, by, {
			action: 'key_role.deleted',
			...entryOf(row),
			event: {key_role: presentKeyRoleForEvent(row)},
		});
		return {kind: 'deleted'};
	});
}

const changeable = ['name', 'description', 'scopes'] as const;

/** What a change names. */
function given(changes: KeyRoleChanges): Partial<Pick<KeyRoleRow, (typeof changeable)[number]>> {
	return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
}

/**
 * A role that nobody else changes or gives to a key until the transaction ends. Whoever does something
 * with a key by its right waits, too, see `hold_roles_of_key` (migrations/0040).
 */
async function lockRole(
	transaction: Knex.Transaction,
	organisationId: string,
	roleId: string,
): Promise<CountedKeyRole | undefined> {
	await transaction('key_roles')
		.where({organisation_id: organisationId, id: roleId})
		.forUpdate()
		.select('id');
	// As it is once it is locked.
	return findKeyRole(transaction, organisationId, roleId);
}

async function hasRole(db: Knex, organisationId: string, name: string): Promise<boolean> {
	const row = await db('key_roles').where({organisation_id: organisationId, name}).first('id');
	return row !== undefined;
}

function counted(db: Knex) {
	const keys = db('key_role_members as m')
		.join('api_keys as k', 'k.id', 'm.key_id')
		.whereRaw('m.role_id = key_roles.id')
		.whereNull('k.revoked_at')
		.whereRaw(graceIsNotOver)
		.select(db.raw('count(*)::int'));
	return db('key_roles').select('*', keys.as('keys'));
}

function entryOf(row: KeyRoleRow) {
	return {
		organisationId: row.organisation_id,
		target: {type: 'key_role', id: row.id, name: row.name},
		details: {scopes: inWords(row.scopes), description: row.description},
	} as const;
}

function inWords(scopes: readonly string[]): string {
	return scopes.join(', ') || 'none';
}
