import {idHint} from '../../key-use.ts';
import {clean} from '../../text/clean.ts';
import {ago, date} from '../../text/time.ts';
import {copyId} from '../keys/state.ts';
import type {ListSpec} from '../list/spec.ts';

export const sourcesSpec: ListSpec<'sources', 'sources'> = {
	title: () => 'sources',
	nouns: ['source', 'sources'],
	context: 'sources',
	columns: ({now}) => [
		{title: 'NAME', cell: ({name}) => [clean(name)]},
		{title: 'TYPE', width: 16, cell: ({type}) => [clean(type)]},
		{title: 'CHANGED', width: 11, cell: ({updated_at}) => [ago(updated_at, now), 'dim']},
		{title: 'CREATED', width: 10, cell: ({created_at}) => [date(created_at), 'dim']},
		{title: 'ID', width: 9, from: 76, cell: ({id}) => [`…${idHint(id)}`, 'dim']},
	],
	empty: () => [
		'No sources yet. Programs make them with an API key:',
		['  POST /api/v1/sources {"name", "type"}', 'strong'],
	],
	run: (model, source, _command, now) =>
		source === undefined ? [model] : copyId(model, source.id, now),
};
