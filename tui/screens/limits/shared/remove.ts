import {changeOf} from '../../../app/effect.ts';
import type {Model} from '../../../app/model.ts';
import type {Screen} from '../../../app/screens.ts';
import {plainWord} from '../../kinds/confirm/screen.ts';
import {newConfirmScreen} from '../../kinds/confirm/state.ts';
import {keysOf, limitsText, usedText} from '../../../limits/shared.ts';
import type {SharedLimitsRow} from './list.ts';

/** Asks before shared limits are removed. */
export function newRemoveLimitsScreen(model: Model, row: SharedLimitsRow): Screen {
	const {owner, id, quota} = row;
	const org_id = model.organisation?.id ?? '';
	const used = usedText(row);
	const then = {
		done: `Removed the limits that ${keysOf(row)} shared: in force`,
		tellsWhere: true,
		reload: 'sharedLimits',
		gone: id,
	} as const;
	const question = {
		name: 'removeLimits',
		title: 'remove',
		question: `Remove the limits that ${keysOf(row)} share?`,
		facts: [
			[`Rate limits: ${limitsText(row)}`, 'plain'],
			...(quota === null ? [] : [[`Quota used: ${used ?? 'unknown'}`, 'plain'] as const]),
			['', 'plain'],
			[
				`Each key keeps its own limits, and those of ${owner === null ? 'its owner' : 'the organisation'}.`,
				'plain',
			],
			['A key without any of these is then unlimited.', 'warning'],
		],
		verb: 'Remove',
		busyText: 'Removing them …',
		kept: 'the limits stay',
		word: plainWord,
	} as const;
	const act =
		owner === null
			? changeOf('deleteOrganisationLimits', {org_id}, then)
			: changeOf('deleteOwnerLimits', {org_id, owner_type: owner.type, owner_id: owner.id}, then);
	return newConfirmScreen(question, act);
}
