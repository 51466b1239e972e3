import type {Knex} from 'knex';
import type {By} from '../audit/actor.ts';
import {record} from '../audit/record.ts';
import {sliceNewestFirst, type Slice} from '../db/position.ts';
import type {UserRow} from '../db/tables.ts';
import {insertPasswordReset, type IssuedCode} from './password-reset.ts';
import {markEnded} from './sessions.ts';
import {insertUserIfNew} from './store.ts';

const listed = ['id', 'email', 'is_operator', 'disabled_at', 'created_at'] as const;
export type ListedUser = Pick<UserRow, (typeof listed)[number]>;

/** Everybody, newest first. */
export async function listUsers(db: Knex, slice: Slice): Promise<ListedUser[]> {
	const query = db('users').select(...listed);
	sliceNewestFirst(query, slice);
	return await query;
}

export async function findUser(db: Knex, id: string): Promise<ListedUser | undefined> {
	return await db('users')
		.where({id})
		.first(...listed);
}

/**
 * Makes a user without a password, and a one-time code to set one.
 *
 * @returns undefined when the email is somebody's already
 */
export async function createUser(
	db: Knex,
	by: By,
	{email, isOperator}: {email: string; isOperator: boolean},
): Promise<{user: ListedUser; reset: IssuedCode} | undefined> {
	return db.transaction(async (transaction) => {
		const made = await insertUserIfNew(transaction, {email, passwordHash: null, isOperator});
		if (made === undefined) return undefined;
		const {id} = made;
		const reset = await insertPasswordReset(transaction, id, '1 day');
		const user = await findUser(transaction, id);
		if (user === undefined) throw new Error('a user who was just made is not there');
		await record(transaction, by, {
			action: 'user.created',
			target: {type: 'user', id, name: email},
			details: {operator: isOperator},
		});
		return {user, reset};
	});
}

export type UserChange = {operator?: boolean | undefined; disabled?: boolean | undefined};

export type UserUpdate =
	| {kind: 'updated'; user: ListedUser}
	| {kind: 'no such user'}
	/** Nobody would be left who can log in as an operator. */
	| {kind: 'last operator'};

/** Changes the given members; a user who is disabled has no session left. */
export async function updateUser(
	db: Knex,
	by: By,
	id: string,
	change: UserChange,
): Promise<UserUpdate> {
	return db.transaction(async (transaction) => {
		const isLoss = change.operator === false || change.disabled === true;
		const operators = isLoss ? await lockOperators(transaction) : [];
		const before = await transaction('users')
			.where({id})
			.forNoKeyUpdate()
			.first(...listed);
		if (before === undefined) return {kind: 'no such user'};
		if (operators.length === 1 && operators[0] === id) return {kind: 'last operator'};
		return {kind: 'updated', user: await changeUser(transaction, by, before, change)};
	});
}

async function changeUser(
	transaction: Knex.Transaction,
	by: By,
	before: ListedUser,
	change: UserChange,
): Promise<ListedUser> {
	const {id, email} = before;
	const wasDisabled = before.disabled_at !== null;
	const {operator = before.is_operator, disabled = wasDisabled} = change;
	const [after] = await transaction('users')
		.where({id})
		.update({
			is_operator: operator,
			...(disabled === wasDisabled
				? {}
				: {disabled_at: disabled ? transaction.raw('now()') : null}),
		})
		.returning([...listed]);
	if (after === undefined) throw new Error('update of a user returned no row');
	const target = {type: 'user', id, name: email} as const;
	if (operator !== before.is_operator) {
		const action = operator ? 'user.operator_granted' : 'user.operator_revoked';
		await record(transaction, by, {action, target});
	}
	if (disabled !== wasDisabled) {
		const sessions = await markEnded(transaction, {user_id: id}, 'user disabled');
		const action = disabled ? 'user.disabled' : 'user.enabled';
		await record(transaction, by, {action, target, details: {sessions}});
	}
	return after;
}

/**
 * Ids of the operators who can log in whatever becomes of an identity provider. They stay locked, so that of two requests which each would
 * leave the other's the last one, the second sees what the first did.
 */
async function lockOperators(transaction: Knex.Transaction): Promise<string[]> {
	return await transaction('users')
		.where({is_operator: true})
		.whereNull('disabled_at')
		.whereNotNull('password_hash')
		.orderBy('id')
		.forNoKeyUpdate()
		.pluck('id');
}
