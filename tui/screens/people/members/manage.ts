import type {Items} from '../../../app/lists.ts';
import type {Model} from '../../../app/model.ts';
import {may} from '../../../app/navigation.ts';

/** Whether one may give and take the role of a member, and remove them. */
export function mayManage(model: Model, member: Items['members'] | undefined): boolean {
	if (member === undefined) return false;
	return may(model, member.role === 'owner' ? 'owners:manage' : 'members:manage');
}
