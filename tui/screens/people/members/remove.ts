import type {Organisation} from '../../../../contract/organisations.ts';
import {changeOf} from '../../../app/effect.ts';
import type {ConfirmScreen} from '../../kinds/confirm/screen.ts';
import type {Items} from '../../../app/lists.ts';
import type {Me} from '../../../../contract/people.ts';
import {confirmation} from '../../../text/confirmation.ts';
import {clean} from '../../../text/clean.ts';
import {newConfirmScreen} from '../../kinds/confirm/state.ts';

/** Asks for the email of the member who is removed; for oneself it is called leaving. */
export function newRemoveMemberScreen(
	{id, email, role}: Items['members'],
	organisation: Organisation,
	me: Me | undefined,
): ConfirmScreen {
	const isSelf = me?.id === id;
	const from = clean(organisation.name);
	const who = clean(email);
	const word = confirmation({name: email, id});
	const shared = {
		facts: [
			[`${who}, ${clean(role)}`, 'dim'],
			['', 'plain'],
			[
				isSelf
					? leaving(me.operator)
					: 'Their sessions there end immediately. Keys they made keep working: the live ones are shown next. To come back, they need an invitation.',
				'plain',
			],
		],
		word,
		...(word === email ? {} : {wordIs: 'the end of the id'}),
	} as const;
	const input = {org_id: organisation.id, user_id: id};
	if (isSelf) {
		return newConfirmScreen(
			{
				...shared,
				name: 'leaveOrganisation',
				kept: 'you are still a member',
				title: 'leave',
				question: `Leave ${from}?`,
				verb: 'Leave',
				busyText: 'Leaving …',
			},
			changeOf('removeMember', input, {
				done: `You have left ${from}`,
				reload: 'members',
				afterwards: 'leave',
			}),
		);
	}
	return newConfirmScreen(
		{
			...shared,
			name: 'removeMember',
			kept: 'nobody was removed',
			title: 'remove',
			question: `Remove ${who} from ${from}?`,
			verb: 'Remove',
			busyText: 'Removing …',
		},
		changeOf('removeMember', input, {
			done: `Removed ${who}`,
			reload: 'members',
			gone: id,
			leaver: {id, name: email, org_id: organisation.id},
		}),
	);
}

function leaving(isOperator: boolean): string {
	return isOperator
		? 'You lose access immediately. As an operator you can still do everything there.'
		: 'You lose access immediately, and your sessions there end, perhaps this one too. To come back, somebody there has to invite you.';
}
