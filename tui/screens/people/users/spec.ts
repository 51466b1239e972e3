import {usersBindings} from './bindings.ts';
import type {User} from '../../../../contract/users.ts';
import {changing} from '../../../app/guards.ts';
import {copyId} from '../../../app/copy.ts';
import {canChange, push} from '../../../app/navigation.ts';
import type {Screen} from '../../../app/screens.ts';
import type {Model, Step} from '../../../app/model.ts';
import {factsOf} from '../../../components/facts.ts';
import type {Part} from '../../../components/line.tsx';
import {clean} from '../../../text/clean.ts';
import {ago, moment} from '../../../text/time.ts';
import {originText} from '../../../people/origin.ts';
import {openTrail} from '../../audit/list/open.ts';
import {openKeysLeft} from '../../keys/left/open.ts';
import {openList} from '../../kinds/list/open.ts';
import type {ListSpec} from '../../kinds/list/spec.ts';
import {disabledStatus} from '../../status.ts';
import {newDisableUserScreen, newOperatorScreen, newPasswordCodeScreen} from './changes.ts';
import {newCreateUserScreen} from './create.ts';
import {sortTime} from '../../../components/table/order.ts';

/** Everybody who can log in, for operators. */
export const usersSpec: ListSpec<'users', typeof usersBindings> = {
	list: 'users',
	place: {name: 'users'},
	under: 'showMembers',
	title: () => 'users',
	nouns: ['user', 'users'],
	context: usersBindings,
	columns: ({now, me}) => [
		{
			title: 'EMAIL',
			value: ({email}) => email,
			cell: ({email, id}) => [`${clean(email)}${id === me?.id ? ' (you)' : ''}`],
		},
		{
			title: 'OPERATOR',
			width: 8,
			value: ({operator}) => (operator ? 0 : 1),
			cell: ({operator}) => (operator ? ['operator', 'strong'] : ['-', 'dim']),
		},
		{title: 'STATUS', width: 10, value: ({disabled}) => (disabled ? 1 : 0), cell: disabledStatus},
		{title: 'ORIGIN', width: 13, from: 76, value: originText, cell: originPart},
		{
			title: 'CREATED',
			width: 11,
			value: ({created_at}) => sortTime(created_at),
			descending: true,
			cell: ({created_at}) => [ago(created_at, now), 'dim'],
		},
		{title: 'ID', width: 36, from: 126, cell: ({id}) => [id, 'dim']},
	],
	empty: () => ['No users.'],
	facts: (user, {now}, width) => {
		const {email, id, operator, created_at, confirmed} = user;
		const [status, look] = disabledStatus(user);
		const {lines, add} = factsOf(width);
		add('Email', clean(email), 'strong');
		add('Id', id);
		add('Operator', operator ? 'yes: everything, in every organisation' : 'no');
		add('Status', status, look ?? 'plain');
		add('Origin', originText(user));
		if (!confirmed) {
			add('Confirmed', 'no: the person who invited them may know the password', 'warning');
		}
		add('Created', `${moment(created_at)}, ${ago(created_at, now)}`);
		return lines;
	},
	unavailable: (model) =>
		canChange(model) ? [] : ['createUser', 'operator', 'disable', 'passwordCode'],
	run(model, user, command, now) {
		const ask = (screen: () => Screen): Step => changing(model, now, () => [push(model, screen())]);
		if (command === 'createUser') return ask(newCreateUserScreen);
		if (user === undefined) return [model];
		switch (command) {
			case 'showSessions':
				return openList(model, 'userSessions', undefined, {user_id: user.id});
			case 'showKeysMade':
				return openKeysLeft(model, {id: user.id, name: user.email});
			case 'trail':
				return openTrail(model, {actor: user.id}, user.email, now);
			case 'operator':
				return ask(() => newOperatorScreen(model, user, isSelf(model, user.id)));
			case 'disable':
				return ask(() => newDisableUserScreen(user, isSelf(model, user.id)));
			case 'passwordCode':
				return ask(() => newPasswordCodeScreen(model, user));
			case 'copy':
				return copyId(model, user.id, now);
		}
	},
};

function isSelf({me}: Model, id: string): boolean {
	return me?.id === id;
}

/** Marked where only the inviter vouches for the person behind the account. */
function originPart(user: User): Part {
	return user.confirmed ? [originText(user), 'dim'] : [`! ${originText(user)}`, 'warning'];
}
