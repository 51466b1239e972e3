import {serviceAccountsBindings} from './bindings.ts';
import {allowed, changing} from '../../../app/guards.ts';
import {copyId} from '../../../app/copy.ts';
import {canChange, may, push} from '../../../app/navigation.ts';
import type {Model, Step} from '../../../app/model.ts';
import {factsOf} from '../../../components/facts.ts';
import {clean} from '../../../text/clean.ts';
import {ago, moment} from '../../../text/time.ts';
import {openTrail} from '../../audit/list/open.ts';
import {openKeysLeft} from '../../keys/left/open.ts';
import {openList} from '../../kinds/list/open.ts';
import type {ListSpec} from '../../kinds/list/spec.ts';
import {roleMeanings} from '../../../people/roles.ts';
import {disabledStatus} from '../../status.ts';
import {
	makerOf,
	newAccountRoleScreen,
	newDeleteAccountScreen,
	newDisableAccountScreen,
} from './changes.ts';
import {newCreateServiceAccountScreen} from './create.ts';
import {sortTime} from '../../../components/table/order.ts';

export const serviceAccountsSpec: ListSpec<'serviceAccounts', typeof serviceAccountsBindings> = {
	list: 'serviceAccounts',
	place: {name: 'service accounts'},
	under: 'showMembers',
	title: () => 'service accounts',
	nouns: ['service account', 'service accounts'],
	context: serviceAccountsBindings,
	columns: ({now}) => [
		{title: 'NAME', value: ({name}) => name, cell: ({name}) => [clean(name)]},
		{title: 'ROLE', width: 10, value: ({role}) => role, cell: ({role}) => [clean(role)]},
		{title: 'STATUS', width: 10, value: ({disabled}) => (disabled ? 1 : 0), cell: disabledStatus},
		{
			title: 'CREATED',
			width: 11,
			value: ({created_at}) => sortTime(created_at),
			descending: true,
			cell: ({created_at}) => [ago(created_at, now), 'dim'],
		},
		{title: 'ID', width: 36, from: 112, cell: ({id}) => [id, 'dim']},
	],
	empty: (model) => [
		'No service accounts yet. A program uses one to manage keys without a person logging in.',
		'',
		may(model, 'service_accounts:manage')
			? 'Press n to create one; it cannot do anything until it has a client secret.'
			: 'Admins and owners create them.',
	],
	facts: (account, {now}, width) => {
		const {name, id, role, created_at} = account;
		const [status, look] = disabledStatus(account);
		const {lines, add} = factsOf(width);
		add('Name', clean(name), 'strong');
		add('Client id', id);
		add('Role', clean(role));
		add('', roleMeanings[role] ?? '', 'dim');
		add('Status', status, look ?? 'plain');
		add('Created', `${moment(created_at)}, ${ago(created_at, now)}`);
		return lines;
	},
	unavailable(model, account) {
		const mayChange = canChange(model) && may(model, 'service_accounts:manage');
		return [
			...(account === undefined ? (['showSecrets', 'showKeysMade', 'trail', 'copy'] as const) : []),
			...(mayChange ? [] : (['createAccount'] as const)),
			...(mayChange && account !== undefined ? [] : (['role', 'disable', 'remove'] as const)),
		];
	},
	run(model, account, command, now) {
		if (command === 'createAccount') {
			return managing(model, now, () => [push(model, newCreateServiceAccountScreen())]);
		}
		if (account === undefined) return [model];
		switch (command) {
			case 'showSecrets':
				return openList(model, 'clientSecrets', undefined, {id: account.id});
			case 'showKeysMade':
				return openKeysLeft(model, makerOf(model, account));
			case 'trail':
				return openTrail(model, {actor: account.id}, account.name, now);
			case 'role':
				return managing(model, now, () => [push(model, newAccountRoleScreen(model, account))]);
			case 'disable':
				return managing(model, now, () => [push(model, newDisableAccountScreen(model, account))]);
			case 'remove':
				return managing(model, now, () => [push(model, newDeleteAccountScreen(model, account))]);
			case 'copy':
				return copyId(model, account.id, now);
		}
	},
};

/** Goes on to a change of service accounts or their secrets, or says why not. */
export function managing(model: Model, now: number, then: () => Step): Step {
	return changing(model, now, () =>
		allowed(
			model,
			now,
			'service_accounts:manage',
			'Only admins and owners change service accounts',
			then,
		),
	);
}
