import {type Role, roles} from '../../../../contract/people.ts';
import {changeOf} from '../../../app/effect.ts';
import type {ChoiceScreen} from '../../kinds/choice/screen.ts';
import type {Items} from '../../../app/lists.ts';
import type {Model} from '../../../app/model.ts';
import {may} from '../../../app/navigation.ts';
import {plainWord, type Question} from '../../kinds/confirm/screen.ts';
import {clean} from '../../../text/clean.ts';
import {newChoiceScreen} from '../../kinds/choice/state.ts';
import {aRole, givesPower, roleMeanings} from '../../../people/roles.ts';

/** The roles that one may give to a member. */
export function newRoleScreen(model: Model, member: Items['members']): ChoiceScreen {
	const email = clean(member.email);
	const isSelf = member.id === model.me?.id;
	const offered = roles.filter((role) => role !== 'owner' || may(model, 'owners:manage'));
	return newChoiceScreen({
		name: 'memberRole',
		kept: `${email} is still ${aRole(member.role)}`,
		title: `role of ${email}`,
		heading: isSelf ? 'Your own role' : `Role of ${email}`,
		options: offered.map((role) => ({
			label: role,
			meaning: roleMeanings[role],
			...(role === member.role
				? {}
				: {
						question: asked(role, member, isSelf),
						act: changeOf(
							'updateMember',
							{org_id: model.organisation?.id ?? '', user_id: member.id, body: {role}},
							{
								done: `${email} is now ${aRole(role)}`,
								reload: 'members',
								...(isSelf ? {afterwards: 'identify'} : {}),
							},
						),
					}),
		})),
	});
}

/** Asks before somebody may do more, or less. */
function asked(role: Role, member: Items['members'], isSelf: boolean): Question {
	const email = clean(member.email);
	const shared = {
		name: 'changeRole',
		kept: `${email} is still ${aRole(member.role)}`,
		title: 'role',
		question: isSelf ? `Become ${aRole(role)} yourself?` : `Make ${email} ${aRole(role)}?`,
		facts: [
			[`${email}, ${clean(member.role)} now`, 'dim'],
			['', 'plain'],
			[`${role}: ${roleMeanings[role]}.`, givesPower(role) ? 'warning' : 'plain'],
			...(isSelf
				? ([['This is you: only others can give you back what you give up.', 'warning']] as const)
				: []),
			['It takes effect on the next request.', 'plain'],
		],
		verb: isSelf ? 'Change it' : `Make ${aRole(role)}`,
		busyText: 'One moment …',
	} as const;
	if (isSelf || givesPower(role)) return {...shared, word: plainWord};
	return {...shared, undo: 'e gives them the role back.'};
}
