import {type ServiceAccount, serviceAccountRoles} from '../../../../contract/service-accounts.ts';
import {changeOf} from '../../../app/effect.ts';
import type {ChoiceScreen} from '../../kinds/choice/screen.ts';
import {plainWord, type ConfirmScreen, type Question} from '../../kinds/confirm/screen.ts';
import type {Model} from '../../../app/model.ts';
import type {Maker} from '../../../api-keys/left.ts';
import {confirmation} from '../../../text/confirmation.ts';
import {clean} from '../../../text/clean.ts';
import {newChoiceScreen} from '../../kinds/choice/state.ts';
import {newConfirmScreen} from '../../kinds/confirm/state.ts';
import {aRole, givesPower, roleMeanings} from '../../../people/roles.ts';

export function newAccountRoleScreen(model: Model, account: ServiceAccount): ChoiceScreen {
	const name = clean(account.name);
	return newChoiceScreen({
		name: 'serviceAccountRole',
		title: `role of ${name}`,
		kept: `${name} is still ${aRole(account.role)}`,
		heading: `Role of ${name}: in force on its next request`,
		options: serviceAccountRoles.map((role) => ({
			label: role,
			meaning: roleMeanings[role],
			...(role === account.role
				? {}
				: {
						act: update(model, account, {role}, `${name} is now ${aRole(role)}`),
						question: asked(role, account),
					}),
		})),
	});
}

/** Asks before an account may do more, or less than what acts with it may need. */
function asked(role: ServiceAccount['role'], account: ServiceAccount): Question {
	const name = clean(account.name);
	const shared = {
		name: 'changeServiceAccountRole',
		kept: `${name} is still ${aRole(account.role)}`,
		title: 'role',
		question: `Make ${name} ${aRole(role)}?`,
		facts: [
			[`${role}: ${roleMeanings[role]}.`, givesPower(role) ? 'warning' : 'plain'],
			[`At present it is ${aRole(account.role)}.`, 'plain'],
			['Anyone who has one of its client secrets may do so from the next request on.', 'plain'],
		],
		verb: `Make ${aRole(role)}`,
		busyText: 'One moment …',
	} as const;
	if (givesPower(role)) return {...shared, word: plainWord};
	return {...shared, undo: 'e gives it the role back.'};
}

export function newDisableAccountScreen(model: Model, account: ServiceAccount): ConfirmScreen {
	const name = clean(account.name);
	const {disabled} = account;
	return newConfirmScreen(
		{
			name: 'disableServiceAccount',
			title: disabled ? 'enable' : 'disable',
			question: `${disabled ? 'Enable' : 'Disable'} ${name}?`,
			facts: [
				[`client id ${account.id}`, 'dim'],
				['', 'plain'],
				[
					disabled
						? `It is ${clean(account.role)} again, with the client secrets it has.`
						: 'Programs that use it are refused immediately. Its client secrets stay, and work again once it is enabled. Keys it made keep working: the live ones are shown next.',
					'plain',
				],
			],
			verb: disabled ? 'Enable' : 'Disable',
			busyText: disabled ? 'Enabling …' : 'Disabling …',
			kept: `${name} is still ${disabled ? 'disabled' : 'enabled'}`,
			undo: `d ${disabled ? 'disables' : 'enables'} it again.`,
		},
		update(
			model,
			account,
			{disabled: !disabled},
			`${name} is ${disabled ? 'enabled' : 'disabled'} now`,
		),
	);
}

export function newDeleteAccountScreen(model: Model, {id, name}: ServiceAccount): ConfirmScreen {
	const word = confirmation({name, id});
	return newConfirmScreen(
		{
			name: 'deleteServiceAccount',
			kept: 'no service account was deleted',
			title: 'delete',
			question: `Delete ${clean(name)}?`,
			facts: [
				[`client id ${id}`, 'dim'],
				['', 'plain'],
				[
					'Its client secrets and tokens stop working immediately. A deleted account cannot be restored; d only disables it. Keys it made keep working: the live ones are shown next.',
					'plain',
				],
			],
			verb: 'Delete',
			busyText: 'Deleting …',
			word,
			...(word === name ? {} : {wordIs: 'the end of its id'}),
		},
		changeOf(
			'deleteServiceAccount',
			{org_id: model.organisation?.id ?? '', id},
			{
				done: `Deleted ${clean(name)}`,
				reload: 'serviceAccounts',
				gone: id,
				leaver: makerOf(model, {id, name}),
			},
		),
	);
}

function update(
	model: Model,
	account: ServiceAccount,
	body: {role?: ServiceAccount['role']; disabled?: boolean},
	done: string,
) {
	return changeOf(
		'updateServiceAccount',
		{org_id: model.organisation?.id ?? '', id: account.id, body},
		{
			done,
			reload: 'serviceAccounts',
			...(body.disabled === true ? {leaver: makerOf(model, account)} : {}),
		},
	);
}

/** An account as the one who made keys of its organisation. */
export function makerOf(
	{organisation}: Model,
	{id, name}: Pick<ServiceAccount, 'id' | 'name'>,
): Maker {
	return {id, name, org_id: organisation?.id ?? ''};
}
