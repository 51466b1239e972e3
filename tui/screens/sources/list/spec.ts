import {sourcesBindings} from './bindings.ts';
import type {Source} from '../../../../contract/sources.ts';
import {allowed, changing} from '../../../app/guards.ts';
import {copyId} from '../../../app/copy.ts';
import {changeOf, rowChange} from '../../../app/effect.ts';
import {canChange, may, push} from '../../../app/navigation.ts';
import type {Screen} from '../../../app/screens.ts';
import type {Model, Step} from '../../../app/model.ts';
import {factsOf} from '../../../components/facts.ts';
import {idHint} from '../../../text/id-hint.ts';
import {clean} from '../../../text/clean.ts';
import {ago, date, moment} from '../../../text/time.ts';
import {confirmation} from '../../../text/confirmation.ts';
import {newConfirmScreen} from '../../kinds/confirm/state.ts';
import {openTrail} from '../../audit/list/open.ts';
import {startSeveral} from '../../kinds/list/several.ts';
import type {ListSpec} from '../../kinds/list/spec.ts';
import {newCreateSourceScreen, newUpdateSourceScreen} from '../form/state.ts';
import {sortTime} from '../../../components/table/order.ts';

export const sourcesSpec: ListSpec<'sources', typeof sourcesBindings> = {
	list: 'sources',
	place: {name: 'sources', command: 'showSources'},
	title: () => 'sources',
	nouns: ['source', 'sources'],
	context: sourcesBindings,
	marks: () => true,
	columns: ({now}) => [
		{title: 'NAME', value: ({name}) => name, cell: ({name}) => [clean(name)]},
		{title: 'TYPE', width: 16, value: ({type}) => type, cell: ({type}) => [clean(type)]},
		{
			title: 'CHANGED',
			width: 11,
			value: ({updated_at}) => sortTime(updated_at),
			descending: true,
			cell: ({updated_at}) => [ago(updated_at, now), 'dim'],
		},
		{
			title: 'CREATED',
			width: 10,
			value: ({created_at}) => sortTime(created_at),
			descending: true,
			cell: ({created_at}) => [date(created_at), 'dim'],
		},
		{title: 'ID', width: 9, from: 76, cell: ({id}) => [`…${idHint(id)}`, 'dim']},
	],
	empty: (model) => [
		may(model, 'sources:write')
			? 'No sources yet. Press n to create one, or let a program do it with an API key:'
			: 'No sources yet. Developers, admins and owners create them, and programs do with an API key:',
		['  POST /api/v1/sources {"name", "type"}', 'strong'],
	],
	facts({name, id, type, created_at, updated_at}, {now}, width) {
		const {lines, add} = factsOf(width);
		add('Name', clean(name), 'strong');
		add('Id', id);
		add('Type', clean(type));
		add('Created', `${moment(created_at)}, ${ago(created_at, now)}`);
		add('Changed', `${moment(updated_at)}, ${ago(updated_at, now)}`);
		return lines;
	},
	unavailable(model, source) {
		const mayWrite = canChange(model) && may(model, 'sources:write');
		return [
			...(mayWrite ? [] : (['createSource'] as const)),
			...(mayWrite && source !== undefined ? [] : (['edit', 'remove'] as const)),
		];
	},
	run(model, source, command, now, marked) {
		const ask = (screen: () => Screen): Step =>
			changing(model, now, () =>
				allowed(model, now, 'sources:write', 'Your role may not write sources', () => [
					push(model, screen()),
				]),
			);
		if (command === 'createSource') return ask(newCreateSourceScreen);
		if (source === undefined) return [model];
		switch (command) {
			case 'trail':
				return openTrail(model, {target: source.id}, source.name, now);
			case 'edit':
				return ask(() => newUpdateSourceScreen(source));
			case 'remove':
				if (marked.length > 0) return removeSeveral(model, marked, now);
				return ask(() => newDeleteScreen(model, source));
			case 'copy':
				return copyId(model, source.id, now);
		}
	},
};

function removeSeveral(model: Model, marked: readonly Source[], now: number): Step {
	const org_id = model.organisation?.id ?? '';
	const several = {
		rows: marked.map(({id, name}) =>
			rowChange({id, name}, 'deleteSource', {organisation: org_id, id}),
		),
		words: {doing: 'Deleting', done: 'deleted', did: 'Deleted', nouns: ['source', 'sources']},
		verb: 'Delete',
		facts: [['This cannot be undone.', 'plain']],
	} as const;
	return allowed(model, now, 'sources:write', 'Your role may not write sources', () =>
		startSeveral(model, 'sources', several, now),
	);
}

function newDeleteScreen(model: Model, {id, name, type}: Source): Screen {
	return newConfirmScreen(
		{
			name: 'deleteSource',
			kept: 'no source was deleted',
			word: confirmation({name, id}),
			title: 'delete',
			question: `Delete ${clean(name)}?`,
			facts: [
				[`type ${clean(type)}, id ${id}`, 'dim'],
				['', 'plain'],
				['This cannot be undone.', 'plain'],
			],
			verb: 'Delete',
			busyText: 'Deleting …',
		},
		changeOf(
			'deleteSource',
			{organisation: model.organisation?.id, id},
			{done: `Deleted ${clean(name)}`, reload: 'sources', gone: id},
		),
	);
}
