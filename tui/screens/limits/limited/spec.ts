import type {ListedLimitedKey} from '../../../../contract/key-limits.ts';
import {copyId} from '../../../app/copy.ts';
import {factsOf} from '../../../components/facts.ts';
import {clean} from '../../../text/clean.ts';
import {writeCount} from '../../../text/count.ts';
import {plural} from '../../../text/plural.ts';
import {ago, moment} from '../../../text/time.ts';
import {mayExplain, startExplain} from '../../keys/explain/start.ts';
import {openKey} from '../../keys/key/open.ts';
import {openTrail} from '../../audit/list/open.ts';
import {openList} from '../../kinds/list/open.ts';
import type {ListSpec} from '../../kinds/list/spec.ts';
import {limitedKeysBindings} from './bindings.ts';
import {sortTime} from '../../../components/table/order.ts';

export const limitedKeysSpec: ListSpec<'limitedKeys', typeof limitedKeysBindings> = {
	list: 'limitedKeys',
	place: {name: 'limited keys', command: 'showLimited'},
	title: () => 'limited now',
	nouns: ['key was refused in the last minute', 'keys were refused in the last minute'],
	context: limitedKeysBindings,
	columns: ({now}) => [
		{title: 'NAME', width: 24, value: ({name}) => name, cell: ({name}) => [clean(name)]},
		{title: 'FOR', value: namesOf, cell: (key) => [namesOf(key), 'warning']},
		{
			title: 'REFUSED',
			width: 10,
			value: refusalsOf,
			descending: true,
			cell: (key) => [writeCount(refusalsOf(key))],
		},
		{
			title: 'LAST',
			width: 10,
			value: ({last_at}) => sortTime(last_at),
			descending: true,
			cell: ({last_at}) => [ago(last_at, now), 'dim'],
		},
	],
	empty: () => [
		['No key was refused for a limit or a quota in the last minute.', 'good'],
		'',
		'A key that is refused shows up here within seconds. Press m for the limits that keys share.',
	],
	facts({id, name, hint, last_at, limits}, {now}, width) {
		const {lines, add} = factsOf(width);
		add('Name', clean(name), 'strong');
		add('Hint', hint === '' ? '' : `${clean(hint)}…`);
		add('Id', id);
		add('Refused', `${moment(last_at)}, ${ago(last_at, now)}`);
		for (const limit of limits) {
			const times = plural(limit.refused, ['time', 'times']);
			add(clean(limit.name), `${times}, last ${ago(limit.last_at, now)}`, 'warning');
		}
		add('', 'Counted since the first refusal, or the first one after 30 days without any.', 'dim');
		return lines;
	},
	unavailable: (model, key) => [
		...(key === undefined ? (['open', 'trail', 'copy'] as const) : []),
		...(mayExplain(model, key) ? [] : (['explain'] as const)),
	],
	run(model, key, command, now) {
		if (command === 'showShared') return openList(model, 'sharedLimits');
		if (key === undefined) return [model];
		if (command === 'trail') return openTrail(model, {target: key.id}, key.name, now);
		if (command === 'explain') return startExplain(model, key, now);
		return command === 'open' ? openKey(model, key.id) : copyId(model, key.id, now);
	},
};

function namesOf({limits}: ListedLimitedKey): string {
	return limits.map(({name}) => clean(name)).join(', ');
}

function refusalsOf({limits}: ListedLimitedKey): number {
	return limits.reduce((sum, {refused}) => sum + refused, 0);
}
