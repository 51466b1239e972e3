import type {Knex} from 'knex';
import {userIdOf, type By} from '../actor.ts';
import {record} from '../audit/trail/record.ts';
import {sliceNewestFirst, type Slice} from '../db/position.ts';
import type {UserRow} from '../db/tables.ts';
import {countKeysLeft} from '../keys/left.ts';
import {lockOut} from './lock-out.ts';
import {lockPeople} from './lock.ts';
import {insertPasswordReset, type IssuedCode} from './passwords/password-reset.ts';
import {markEnded} from './sessions.ts';
import {insertUserIfNew} from './store.ts';

const listed = [
	'id',
	'email',
	'is_operator',
	'disabled_at',
	'created_at',
	'origin',
	'confirmed_at',
] as const;
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
		const made = await insertUserIfNew(transaction, {
			email,
			passwordHash: null,
			isOperator,
			origin: 'operator',
		});
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
	/** With a code for who must set a new password first, and how many live keys made by whoever is disabled. */
	| {kind: 'updated'; user: ListedUser; reset?: IssuedCode; keysLeft?: number}
	| {kind: 'no such user'}
	/** Nobody would be left who can log in as an operator. */
	| {kind: 'last operator'};

/**
 * Changes the given members; a user who is disabled has no session left, and one who becomes an
 * operator without being confirmed no password, either.
 */
export async function updateUser(
	db: Knex,
	by: By,
	id: string,
	change: UserChange,
): Promise<UserUpdate> {
	return db.transaction(async (transaction) => {
		const isLoss = change.operator === false || change.disabled === true;
		const operators = isLoss ? await lockOperators(transaction, by, id) : [];
		await lockPeople(transaction, by, [id]);
		const before = await findUser(transaction, id);
		if (before === undefined) return {kind: 'no such user'};
		if (operators.length === 1 && operators[0] === before.id) return {kind: 'last operator'};
		const keysLeft = change.disabled === true ? await countKeysLeft(transaction, id) : undefined;
		return {kind: 'updated', ...(await changeUser(transaction, by, before, change, keysLeft))};
	});
}

async function changeUser(
	transaction: Knex.Transaction,
	by: By,
	before: ListedUser,
	change: UserChange,
	keysLeft: number | undefined,
): Promise<{user: ListedUser; reset?: IssuedCode; keysLeft?: number}> {
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
	const isPromoted = operator && !before.is_operator;
	const reset =
		isPromoted && before.confirmed_at === null ? await renewAccess(transaction, id) : undefined;
	if (operator !== before.is_operator) {
		const action = operator ? 'user.operator_granted' : 'user.operator_revoked';
		await record(transaction, by, {action, target, ...(reset && {details: reset.details})});
	}
	if (disabled !== wasDisabled) {
		const sessions = await markEnded(transaction, {user_id: id}, 'user disabled');
		const action = disabled ? 'user.disabled' : 'user.enabled';
		await record(transaction, by, {action, target, details: {sessions, keys_left: keysLeft}});
	}
	return {
		user: after,
		...(reset === undefined ? {} : {reset: reset.issued}),
		...(keysLeft === undefined ? {} : {keysLeft}),
	};
}

/** Whoever has an account of which only an inviter vouches must prove to have the operator's code. */
async function renewAccess(transaction: Knex.Transaction, id: string) {
	const taken = await lockOut(transaction, id, 'made an operator');
	const issued = await insertPasswordReset(transaction, id, '1 day');
	return {issued, details: {...taken, code_expires_at: issued.expiresAt.toISOString()}};
}

/**
 * Ids of the operators who can log in whatever becomes of an identity provider. They stay locked, so
 * that of two requests which each would leave the other's the last one, the second sees what the
 * first did. Whoever is changed and whoever changes them are locked along, all in the order of their ids.
 */
export async function lockOperators(
	transaction: Knex.Transaction,
	by: By,
	targetId: string,
): Promise<string[]> {
	const answer = await transaction.raw<{rows: {id: string; counts: boolean}[]}>(
		`select id, is_operator and disabled_at is null and password_hash is not null as counts
		from users
		where id in (?::uuid, ?::uuid)
			or is_operator and disabled_at is null and password_hash is not null
		order by id for update`,
		[targetId, userIdOf(by) ?? targetId],
	);
	return answer.rows.filter(({counts}) => counts).map(({id}) => id);
}
