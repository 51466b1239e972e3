import {canChange, may, push} from '../../../app/navigation.ts';
import {allowed, changing} from '../../../app/guards.ts';
import type {Model, Step} from '../../../app/model.ts';
import {writeQuota} from '../../../../contract/limits-in-words.ts';
import {limitsText, sharers, usedText} from '../../../limits/shared.ts';
import {ago} from '../../../text/time.ts';
import {applyFilter} from '../../kinds/list/filtering.ts';
import {openList} from '../../kinds/list/open.ts';
import type {ListSpec} from '../../kinds/list/spec.ts';
import {keysSpec} from '../../keys/list/spec.ts';
import {sharedLimitsBindings} from './bindings.ts';
import {newSharedLimitsScreen} from './form.ts';
import {sharedLimitsFacts} from './lines.ts';
import type {SharedLimitsRow} from './list.ts';
import {newRemoveLimitsScreen} from './remove.ts';
import {sortTime} from '../../../components/table/order.ts';

export const sharedLimitsSpec: ListSpec<'sharedLimits', typeof sharedLimitsBindings> = {
	list: 'sharedLimits',
	place: {name: 'shared limits'},
	under: 'showLimited',
	title: () => 'shared limits',
	nouns: ['set of limits', 'sets of limits'],
	context: sharedLimitsBindings,
	columns: ({now}) => [
		{title: 'SHARED BY', width: 20, value: sharers, cell: (row) => [sharers(row)]},
		{title: 'RATE LIMITS', value: limitsText, cell: (row) => [limitsText(row), 'dim']},
		{
			title: 'QUOTA',
			width: 28,
			from: 110,
			cell: ({quota}) => [quota === null ? 'none' : writeQuota(quota), 'dim'],
		},
		{
			title: 'USED',
			width: 26,
			value: ({quota, quota_used: used}) =>
				quota === null || used === null ? null : used / quota.limit,
			descending: true,
			cell: (row) => usedPart(row),
		},
		{
			title: 'CHANGED',
			width: 11,
			from: 120,
			value: ({updated_at}) => sortTime(updated_at),
			descending: true,
			cell: ({updated_at}) => [ago(updated_at, now), 'dim'],
		},
	],
	empty: (model) => [
		'No shared limits yet. A shared limit counts several keys together, on top of their own limits: all keys of the organisation, or those of one owner, such as team/payments.',
		'',
		may(model, 'shared_limits:manage') ? 'Press n to set some.' : 'Admins and owners set them.',
	],
	facts: (row, {now}, width) => sharedLimitsFacts(row, now, width),
	unavailable(model, row) {
		const mayChange = canChange(model) && may(model, 'shared_limits:manage');
		return [
			...(row === undefined ? (['showKeys'] as const) : []),
			...(mayChange ? [] : (['setLimits'] as const)),
			...(mayChange && row !== undefined ? [] : (['edit', 'remove'] as const)),
		];
	},
	run(model, row, command, now) {
		if (command === 'setLimits')
			return managing(model, now, () => [push(model, newSharedLimitsScreen())]);
		if (row === undefined) return [model];
		switch (command) {
			case 'edit':
				return managing(model, now, () => [push(model, newSharedLimitsScreen(row))]);
			case 'remove':
				return managing(model, now, () => [push(model, newRemoveLimitsScreen(model, row))]);
			case 'showKeys':
				return showKeys(model, row, now);
		}
	},
};

/** Those that share the limits, in the list of all keys. */
function showKeys(model: Model, {owner, id}: SharedLimitsRow, now: number): Step {
	const [opened, ...effects] = openList(model, 'keys');
	if (owner === null) return [opened, ...effects];
	const [filtered, ...more] = applyFilter(opened, keysSpec, `owner:"${id}"`, now);
	return [filtered, ...effects, ...more];
}

function managing(model: Model, now: number, then: () => Step): Step {
	const refusal = 'Only admins and owners change shared limits';
	return changing(model, now, () => allowed(model, now, 'shared_limits:manage', refusal, then));
}

/** More than the threshold that is told of. */
const nearlyUsed = 0.8;

function usedPart(row: SharedLimitsRow) {
	const {quota, quota_used: used} = row;
	const text = usedText(row);
	if (quota === null || used === null || text === undefined) return ['', 'dim'] as const;
	if (used >= quota.limit) return [`! ${text}`, 'warning'] as const;
	return [text, used >= nearlyUsed * quota.limit ? 'warning' : 'plain'] as const;
}
