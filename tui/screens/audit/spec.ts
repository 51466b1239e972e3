import {clean} from '../../text/clean.ts';
import {ago} from '../../text/time.ts';
import {copyId} from '../keys/state.ts';
import type {ListSpec} from '../list/spec.ts';

export const auditSpec: ListSpec<'audit', 'audit'> = {
	title: () => 'audit',
	nouns: ['entry', 'entries'],
	context: 'audit',
	columns: ({now}) => [
		{title: 'TIME', width: 11, cell: ({recorded_at}) => [ago(recorded_at, now), 'dim']},
		{title: 'ACTION', cell: ({action}) => [clean(action)]},
		{title: 'FROM', width: 16, cell: ({address}) => [clean(address ?? '')]},
		{
			title: 'RESULT',
			width: 8,
			cell: ({outcome}) => [clean(outcome), outcome === 'success' ? 'plain' : 'bad'],
		},
	],
	empty: () => ['Nothing was recorded yet.'],
	run: (model, item, _command, now) => (item === undefined ? [model] : copyId(model, item.id, now)),
};
