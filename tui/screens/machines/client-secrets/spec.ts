import {clientSecretsBindings} from './bindings.ts';
import type {ServiceAccount} from '../../../../contract/service-accounts.ts';
import {changeOf, rowChange} from '../../../app/effect.ts';
import {canChange, may, push} from '../../../app/navigation.ts';
import type {Items} from '../../../app/lists.ts';
import type {Model, Step} from '../../../app/model.ts';
import {factsOf} from '../../../components/facts.ts';
import {inUse} from '../../../api-keys/in-use.ts';
import {clean} from '../../../text/clean.ts';
import {ago, moment, until} from '../../../text/time.ts';
import {plainWord} from '../../kinds/confirm/screen.ts';
import {newConfirmScreen} from '../../kinds/confirm/state.ts';
import {copyId} from '../../../app/copy.ts';
import {startSeveral} from '../../kinds/list/several.ts';
import type {ListSpec} from '../../kinds/list/spec.ts';
import {managing} from '../service-accounts/spec.ts';
import {accountOf, newCreateClientSecretScreen} from './create.ts';
import {sortTime} from '../../../components/table/order.ts';

export const clientSecretsSpec: ListSpec<'clientSecrets', typeof clientSecretsBindings> = {
	list: 'clientSecrets',
	title: (model) => accountOf(model)?.name ?? 'client secrets',
	nouns: ['client secret', 'client secrets'],
	context: clientSecretsBindings,
	marks: () => true,
	columns: ({now}) => [
		{title: 'BEGINS WITH', value: ({hint}) => hint, cell: ({hint}) => [`${clean(hint)}…`]},
		{
			title: 'EXPIRES',
			width: 11,
			value: ({expires_at}) => sortTime(expires_at),
			cell: ({expires_at}) =>
				expires_at !== null && Date.parse(expires_at) <= now
					? ['x expired', 'bad']
					: [until(expires_at, now), expires_at === null ? 'dim' : 'plain'],
		},
		{
			title: 'LAST USED',
			width: 11,
			value: ({last_used_at}) => sortTime(last_used_at),
			descending: true,
			cell: ({last_used_at}) => [ago(last_used_at, now)],
		},
		{
			title: 'CREATED',
			width: 11,
			value: ({created_at}) => sortTime(created_at),
			descending: true,
			cell: ({created_at}) => [ago(created_at, now), 'dim'],
		},
	],
	empty: (model) => [
		`${clean(accountOf(model)?.name ?? 'It')} has no client secret, so it cannot do anything.`,
		'',
		may(model, 'service_accounts:manage')
			? 'Press n to create one. Two can exist at a time, so that you can roll out a new one before you revoke the old one.'
			: 'Admins and owners create them.',
	],
	facts({hint, id, created_at, last_used_at, expires_at}, model, width) {
		const {lines, add} = factsOf(width);
		add('Begins with', `${clean(hint)}…`, 'strong');
		add('Id', id);
		add('Client id', accountOf(model)?.id ?? '');
		add('Created', moment(created_at));
		add('Last used', last_used_at === null ? 'never' : moment(last_used_at));
		add('Expires', expires_at === null ? 'never' : moment(expires_at));
		return lines;
	},
	unavailable(model, secret) {
		const mayChange = canChange(model) && may(model, 'service_accounts:manage');
		return [
			...(mayChange ? [] : (['createSecret'] as const)),
			...(mayChange && secret !== undefined ? [] : (['revokeSecret'] as const)),
		];
	},
	run(model, secret, command, now, marked) {
		const account = accountOf(model);
		if (account === undefined) return [model];
		switch (command) {
			case 'createSecret':
				return managing(model, now, () => [push(model, newCreateClientSecretScreen())]);
			case 'revokeSecret':
				if (marked.length > 0) {
					return managing(model, now, () => revokeSeveral(model, account, marked, now));
				}
				if (secret === undefined) return [model];
				return managing(model, now, () => revoke(model, account, secret, now));
			case 'copy':
				return copyId(model, account.id, now);
		}
	},
};

function revokeSeveral(
	model: Model,
	account: ServiceAccount,
	marked: readonly Items['clientSecrets'][],
	now: number,
): Step {
	const org_id = model.organisation?.id ?? '';
	const used = marked.filter(({last_used_at}) => inUse({last_used_at}, now)).length;
	const several = {
		rows: marked.map(({id, hint}) =>
			rowChange({id, name: `${hint}…`}, 'revokeClientSecret', {
				org_id,
				id: account.id,
				secret_id: id,
			}),
		),
		words: {
			doing: 'Revoking',
			done: 'revoked',
			did: 'Revoked',
			nouns: ['client secret', 'client secrets'],
		},
		verb: 'Revoke',
		facts: [
			[`${used} of them used in the last 30 days.`, used > 0 ? 'warning' : 'plain'],
			['They and their tokens stop working immediately. This cannot be undone.', 'plain'],
		],
	} as const;
	return startSeveral(model, 'clientSecrets', several, now);
}

function revoke(
	model: Model,
	account: ServiceAccount,
	{id, hint, last_used_at}: Items['clientSecrets'],
	now: number,
): Step {
	const name = clean(account.name);
	const isInUse = inUse({last_used_at}, now);
	const question = newConfirmScreen(
		{
			name: 'revokeClientSecret',
			title: 'revoke',
			question: `Revoke the client secret ${clean(hint)}… of ${name}?`,
			facts: [
				[
					last_used_at === null ? 'It was never used.' : `Last used ${ago(last_used_at, now)}.`,
					isInUse ? 'warning' : 'plain',
				],
				['It and its tokens stop working immediately. This cannot be undone.', 'plain'],
			],
			verb: 'Revoke',
			busyText: 'Revoking …',
			kept: 'no client secret was revoked',
			word: isInUse ? clean(hint) : plainWord,
			...(isInUse ? {ask: 'It is in use. To revoke it, type'} : {}),
		},
		changeOf(
			'revokeClientSecret',
			{org_id: model.organisation?.id ?? '', id: account.id, secret_id: id},
			{done: `Revoked ${clean(hint)}…`, reload: 'clientSecrets', gone: id},
		),
	);
	return [push(model, question)];
}
