import {roles} from '../../../contract/people.ts';
import {changeOf} from '../../app/change.ts';
import {type ChoiceScreen, type Items, may, type Model} from '../../app/model.ts';
import {clean} from '../../text/clean.ts';
import {newChoiceScreen} from '../choice/state.ts';
import {roleMeanings} from '../roles.ts';

/** The roles that one may give to a member. */
export function newRoleScreen(model: Model, member: Items['members']): ChoiceScreen {
	const email = clean(member.email);
	const isSelf = member.id === model.me?.id;
	const offered = roles.filter((role) => role !== 'owner' || may(model, 'owners:manage'));
	return newChoiceScreen({
		title: `role of ${email}`,
		heading: isSelf ? 'Your own role' : `Role of ${email}`,
		options: offered.map((role) => ({
			label: role,
			meaning: roleMeanings[role],
			...(role === member.role
				? {}
				: {
						act: changeOf(
							'updateMember',
							{org_id: model.organisation?.id ?? '', user_id: member.id, body: {role}},
							{
								done: `${email} is ${role} now`,
								reload: 'members',
								...(isSelf ? {afterwards: 'identify'} : {}),
							},
						),
					}),
		})),
	});
}
