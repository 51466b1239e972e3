import {invitationsBindings} from './bindings.ts';
import {changing} from '../../../app/guards.ts';
import {copyId} from '../../../app/copy.ts';
import {changeOf, rowChange} from '../../../app/effect.ts';
import {canChange, push} from '../../../app/navigation.ts';
import type {Items} from '../../../app/lists.ts';
import type {Model, Step} from '../../../app/model.ts';
import {factsOf} from '../../../components/facts.ts';
import {clean} from '../../../text/clean.ts';
import {aRole} from '../../../people/roles.ts';
import {ago, moment, until} from '../../../text/time.ts';
import {newConfirmScreen} from '../../kinds/confirm/state.ts';
import {startSeveral} from '../../kinds/list/several.ts';
import type {ListSpec} from '../../kinds/list/spec.ts';
import {startInvite} from '../invite/start.ts';
import {sortTime} from '../../../components/table/order.ts';

export const invitationsSpec: ListSpec<'invitations', typeof invitationsBindings> = {
	list: 'invitations',
	place: {name: 'invitations'},
	under: 'showMembers',
	title: () => 'invitations',
	nouns: ['open invitation', 'open invitations'],
	context: invitationsBindings,
	marks: () => true,
	columns: ({now}) => [
		{title: 'EMAIL', value: ({email}) => email, cell: ({email}) => [clean(email)]},
		{title: 'ROLE', width: 10, value: ({role}) => role, cell: ({role}) => [clean(role)]},
		{
			title: 'EXPIRES',
			width: 11,
			value: ({expires_at}) => sortTime(expires_at),
			cell: ({expires_at}) => [until(expires_at, now)],
		},
		{
			title: 'INVITED',
			width: 11,
			value: ({created_at}) => sortTime(created_at),
			descending: true,
			cell: ({created_at}) => [ago(created_at, now), 'dim'],
		},
		{title: 'ID', width: 36, from: 112, cell: ({id}) => [id, 'dim']},
	],
	empty: () => ['No open invitations.', '', 'Press n to invite somebody.'],
	facts({email, id, role, created_at, expires_at}, {now}, width) {
		const {lines, add} = factsOf(width);
		add('Email', clean(email), 'strong');
		add('Id', id);
		add('Role', clean(role));
		add('Invited', `${moment(created_at)}, ${ago(created_at, now)}`);
		add('Expires', `${moment(expires_at)}, ${until(expires_at, now)}`);
		add('', 'The code was shown once, when it was made.', 'dim');
		return lines;
	},
	unavailable: (model, invitation) => [
		...(canChange(model) ? [] : (['invite'] as const)),
		...(canChange(model) && invitation !== undefined ? [] : (['withdraw'] as const)),
	],
	run(model, invitation, command, now, marked) {
		switch (command) {
			case 'invite':
				return startInvite(model, now);
			case 'withdraw':
				if (marked.length > 0) return withdrawSeveral(model, marked, now);
				if (invitation === undefined) return [model];
				return changing(model, now, () => withdraw(model, invitation));
			case 'copy':
				return invitation === undefined ? [model] : copyId(model, invitation.id, now);
		}
	},
};

function withdrawSeveral(model: Model, marked: readonly Items['invitations'][], now: number): Step {
	const org_id = model.organisation?.id ?? '';
	const several = {
		rows: marked.map(({id, email: name}) =>
			rowChange({id, name}, 'withdrawInvitation', {org_id, invitation_id: id}),
		),
		words: {
			doing: 'Withdrawing',
			done: 'withdrawn',
			did: 'Withdrew',
			nouns: ['invitation', 'invitations'],
		},
		verb: 'Withdraw',
		facts: [['Their codes stop working immediately.', 'plain']],
		undo: 'n invites again, with another code.',
	} as const;
	return startSeveral(model, 'invitations', several, now);
}

function withdraw(model: Model, {id, email, role}: Items['invitations']): Step {
	const who = clean(email);
	const question = newConfirmScreen(
		{
			name: 'withdrawInvitation',
			kept: 'the invitation stands',
			undo: 'n invites again, with another code.',
			title: 'withdraw',
			question: `Withdraw the invitation for ${who}?`,
			facts: [
				[`as ${aRole(role)}`, 'dim'],
				['', 'plain'],
				['Its code stops working immediately.', 'plain'],
			],
			verb: 'Withdraw',
			busyText: 'Withdrawing …',
		},
		changeOf(
			'withdrawInvitation',
			{org_id: model.organisation?.id ?? '', invitation_id: id},
			{done: `Withdrew the invitation for ${who}`, reload: 'invitations', gone: id},
		),
	);
	return [push(model, question)];
}
