import {membersBindings} from './bindings.ts';
import type {Items} from '../../../app/lists.ts';
import type {Model, Step} from '../../../app/model.ts';
import {canChange, may, push, say} from '../../../app/navigation.ts';
import {allowed, changing} from '../../../app/guards.ts';
import {copyId} from '../../../app/copy.ts';
import {factsOf} from '../../../components/facts.ts';
import {clean} from '../../../text/clean.ts';
import {ago, moment} from '../../../text/time.ts';
import {startInvite} from '../invite/start.ts';
import {openTrail} from '../../audit/list/open.ts';
import {openKeysLeft} from '../../keys/left/open.ts';
import {openList} from '../../kinds/list/open.ts';
import type {ListSpec} from '../../kinds/list/spec.ts';
import {roleMeanings} from '../../../people/roles.ts';
import {newRemoveMemberScreen} from './remove.ts';
import {removeSeveral} from './several.ts';
import {mayManage} from './manage.ts';
import {newRoleScreen} from './role.ts';
import {sortTime} from '../../../components/table/order.ts';

type Member = Items['members'];

export const membersSpec: ListSpec<'members', typeof membersBindings> = {
	list: 'members',
	place: {name: 'members', command: 'showMembers'},
	title: () => 'members',
	nouns: ['member', 'members'],
	context: membersBindings,
	marks: () => true,
	columns: ({now, me}) => [
		{
			title: 'EMAIL',
			value: ({email}) => email,
			cell: ({email, id}) => [`${clean(email)}${id === me?.id ? ' (you)' : ''}`],
		},
		{
			title: 'ROLE',
			width: 10,
			value: ({role}) => role,
			cell: ({role}) => [clean(role), role === 'owner' ? 'strong' : 'plain'],
		},
		{
			title: 'SINCE',
			width: 11,
			value: ({created_at}) => sortTime(created_at),
			descending: true,
			cell: ({created_at}) => [ago(created_at, now), 'dim'],
		},
		{title: 'ID', width: 36, from: 100, cell: ({id}) => [id, 'dim']},
	],
	empty: (model) => [
		'No members yet.',
		'',
		may(model, 'members:manage') ? 'Press n to invite somebody.' : 'Admins and owners invite them.',
	],
	facts({email, id, role, created_at}, {now}, width) {
		const {lines, add} = factsOf(width);
		add('Email', clean(email), 'strong');
		add('Id', id);
		add('Role', clean(role));
		add('', roleMeanings[role] ?? '', 'dim');
		add('Since', `${moment(created_at)}, ${ago(created_at, now)}`);
		return lines;
	},
	forMarked: ['remove'],
	unavailable: (model, member, marked) => [
		...(canChange(model) && mayManage(model, member) ? [] : (['role'] as const)),
		...(canChange(model) && mayRemove(model, member, marked) ? [] : (['remove'] as const)),
		...(canChange(model) && may(model, 'members:manage') ? [] : (['invite'] as const)),
		...(may(model, 'members:manage') ? [] : (['showInvitations'] as const)),
		...(may(model, 'service_accounts:read') ? [] : (['showServiceAccounts'] as const)),
		...(may(model, 'users:manage') ? [] : (['showUsers'] as const)),
		...(member !== undefined && may(model, 'audit:read') ? [] : (['trail'] as const)),
	],
	run(model, member, command, now, marked) {
		switch (command) {
			case 'role':
				return onOther(model, member, now, (of) => [push(model, newRoleScreen(model, of))]);
			case 'remove': {
				const {organisation} = model;
				if (marked.length > 0) return removeSeveral(model, marked, now);
				if (member === undefined || organisation === undefined) return [model];
				const ask = (): Step => [
					push(model, newRemoveMemberScreen(member, organisation, model.me)),
				];
				return isSelf(model, member) ? changing(model, now, ask) : onOther(model, member, now, ask);
			}
			case 'invite':
				return startInvite(model, now);
			case 'showInvitations':
				return allowed(model, now, 'members:manage', 'Only admins and owners see invitations', () =>
					openList(model, 'invitations'),
				);
			case 'showServiceAccounts':
				return allowed(
					model,
					now,
					'service_accounts:read',
					'Only admins and owners see service accounts',
					() => openList(model, 'serviceAccounts'),
				);
			case 'showUsers':
				return allowed(model, now, 'users:manage', 'Only operators see all users', () =>
					openList(model, 'users'),
				);
			case 'showKeysMade': {
				const {organisation} = model;
				if (member === undefined || organisation === undefined) return [model];
				const {id, email: name} = member;
				return openKeysLeft(model, {id, name, org_id: organisation.id});
			}
			case 'trail':
				return member === undefined
					? [model]
					: openTrail(model, {actor: member.id}, member.email, now);
			case 'showSessions':
				return openList(model, 'sessions');
			case 'copy':
				return member === undefined ? [model] : copyId(model, member.id, now);
		}
	},
};

/** A change of somebody whose role one may give and take. */
function onOther(
	model: Model,
	member: Member | undefined,
	now: number,
	then: (member: Member) => Step,
): Step {
	if (member === undefined) return [model];
	return changing(model, now, () => {
		if (mayManage(model, member)) return then(member);
		const who = member.role === 'owner' ? 'Only owners change' : 'Only admins and owners change';
		return [say(model, now, `${who} this member`, 'warning')];
	});
}

function mayRemove(model: Model, member: Member | undefined, marked: readonly Member[]): boolean {
	if (marked.length > 0) return may(model, 'members:manage');
	return isSelf(model, member) || mayManage(model, member);
}

function isSelf({me}: Model, member: Member | undefined): boolean {
	return member !== undefined && member.id === me?.id;
}
