import type {User} from '../../../../contract/users.ts';
import {changeOf} from '../../../app/effect.ts';
import {plainWord, type ConfirmScreen} from '../../kinds/confirm/screen.ts';
import type {Model} from '../../../app/model.ts';
import {clean} from '../../../text/clean.ts';
import {newConfirmScreen} from '../../kinds/confirm/state.ts';
import {passwordCodeAdvice} from './password-code.ts';

export function newOperatorScreen(
	{url}: Model,
	{id, email, operator, confirmed}: User,
	isSelf: boolean,
): ConfirmScreen {
	const who = clean(email);
	const question = operator
		? `Take the rights of an operator from ${isSelf ? 'yourself' : who}?`
		: `Make ${who} an operator?`;
	return newConfirmScreen(
		{
			name: operator ? 'unmakeOperator' : 'makeOperator',
			kept: `${who} is ${operator ? 'still' : 'not'} an operator`,
			word: plainWord,
			title: 'operator',
			question,
			facts: [
				[
					operator
						? 'Roles in organisations stay.'
						: 'An operator can do everything in every organisation, create users and change plans.',
					'plain',
				],
				...(operator || confirmed
					? []
					: ([
							[
								'The person who invited them may know the password. It stops working, their sessions end, and you get a code for a new password to hand over.',
								'warning',
							],
						] as const)),
				['It takes effect on the next request.', 'plain'],
			],
			verb: operator ? 'Take them' : 'Make operator',
			busyText: 'One moment …',
		},
		changeOf(
			'updateUser',
			{user_id: id, body: {operator: !operator}},
			{
				done: `${who} is ${operator ? 'no longer an operator' : 'now an operator'}`,
				reload: 'users',
				...(isSelf ? {afterwards: 'identify'} : {}),
				// Part of the answer where only an inviter vouches for them.
				...(operator
					? {}
					: {reveal: {member: 'code', what: `code for ${who}`, advice: passwordCodeAdvice(url)}}),
			},
		),
	);
}

export function newDisableUserScreen({id, email, disabled}: User, isSelf: boolean): ConfirmScreen {
	const who = clean(email);
	const effect = disabled
		? 'They can log in again, with their roles.'
		: 'All their sessions end immediately and they cannot log in. Memberships stay, and enabling restores everything. Keys they made keep working: the live ones are shown next.';
	return newConfirmScreen(
		{
			name: 'disableUser',
			kept: `${who} is still ${disabled ? 'disabled' : 'enabled'}`,
			...(isSelf && !disabled
				? {word: plainWord}
				: {undo: `d ${disabled ? 'disables' : 'enables'} them again.`}),
			title: disabled ? 'enable' : 'disable',
			question: `${disabled ? 'Enable' : 'Disable'} ${who}?`,
			facts: [
				[effect, 'plain'],
				...(isSelf ? ([['This is you: you would be logged out.', 'warning']] as const) : []),
			],
			verb: disabled ? 'Enable' : 'Disable',
			busyText: disabled ? 'Enabling …' : 'Disabling …',
		},
		changeOf(
			'updateUser',
			{user_id: id, body: {disabled: !disabled}},
			{
				done: `${who} is ${disabled ? 'enabled' : 'disabled'} now`,
				reload: 'users',
				// Whoever disables themselves is logged out.
				...(disabled || isSelf ? {} : {leaver: {id, name: email}}),
			},
		),
	);
}

export function newPasswordCodeScreen({url}: Model, {id, email}: User): ConfirmScreen {
	const who = clean(email);
	return newConfirmScreen(
		{
			name: 'issuePasswordCode',
			kept: 'no code was made',
			word: plainWord,
			title: 'password code',
			question: `Make a one-time code for ${who} to set a new password?`,
			facts: [
				['Anyone who has the code can take over the account; it is valid for one day.', 'plain'],
				[
					'An earlier code stops working. The password they have stays until the code is used.',
					'plain',
				],
			],
			verb: 'Make it',
			busyText: 'Making the code …',
		},
		changeOf(
			'issuePasswordReset',
			{user_id: id},
			{
				done: `Made a code for ${who}`,
				reload: 'users',
				reveal: {member: 'code', what: `code for ${who}`, advice: passwordCodeAdvice(url)},
			},
		),
	);
}
