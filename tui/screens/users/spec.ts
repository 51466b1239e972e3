import {changing} from '../../app/common-commands.ts';
import {canChange, type Model, push, type Screen, type Step} from '../../app/model.ts';
import {factsOf} from '../../components/facts.ts';
import {clean} from '../../text/clean.ts';
import {ago, moment} from '../../text/time.ts';
import {copyId} from '../keys/state.ts';
import {openList} from '../list/rows.ts';
import type {ListSpec} from '../list/spec.ts';
import {disabledStatus} from '../status.ts';
import {newDisableUserScreen, newOperatorScreen, newPasswordCodeScreen} from './changes.ts';
import {newCreateUserScreen} from './create.ts';

/** Everybody who can log in, for operators. */
export const usersSpec: ListSpec<'users', 'users'> = {
	title: () => 'users',
	nouns: ['user', 'users'],
	context: 'users',
	columns: ({now, me}) => [
		{title: 'EMAIL', cell: ({email, id}) => [`${clean(email)}${id === me?.id ? ' (you)' : ''}`]},
		{
			title: 'OPERATOR',
			width: 8,
			cell: ({operator}) => (operator ? ['operator', 'strong'] : ['-', 'dim']),
		},
		{title: 'STATUS', width: 10, cell: disabledStatus},
		{title: 'CREATED', width: 11, cell: ({created_at}) => [ago(created_at, now), 'dim']},
		{title: 'ID', width: 36, from: 112, cell: ({id}) => [id, 'dim']},
	],
	empty: () => ['No users.'],
	facts: (user, {now}, width) => {
		const {email, id, operator, created_at} = user;
		const [status, look] = disabledStatus(user);
		const {lines, add} = factsOf(width);
		add('Email', clean(email), 'strong');
		add('Id', id);
		add('Operator', operator ? 'yes: everything, in every organisation' : 'no');
		add('Status', status, look ?? 'plain');
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
			case 'operator':
				return ask(() => newOperatorScreen(user, isSelf(model, user.id), now));
			case 'disable':
				return ask(() => newDisableUserScreen(user, isSelf(model, user.id), now));
			case 'passwordCode':
				return ask(() => newPasswordCodeScreen(model, user, now));
			case 'copy':
				return copyId(model, user.id, now);
		}
	},
};

function isSelf({me}: Model, id: string): boolean {
	return me?.id === id;
}
