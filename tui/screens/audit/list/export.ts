import fs from 'node:fs';
import type {AuditList} from './list.ts';
import type {Effect} from '../../../app/effect.ts';
import type {Model, Step} from '../../../app/model.ts';
import {may, push, say} from '../../../app/navigation.ts';
import {formOf} from '../../../components/form/state.ts';
import {fieldOf} from '../../../components/text-field/state.ts';
import {clean} from '../../../text/clean.ts';
import type {FormScreen} from '../../kinds/form/screen.ts';
import type {FormSpec} from '../../kinds/form/spec.ts';

/** Asks where to write a trail, whole and signed, as `latchkey audit verify` proves it. */
export function startExport(model: Model, list: AuditList, now: number): Step {
	if (model.download !== undefined) {
		return [say(model, now, `${clean(model.download)} is still being written`, 'warning')];
	}
	if (model.link.state === 'offline') {
		return [say(model, now, 'Server unreachable: nothing can be exported', 'warning')];
	}
	const isOwn = list === 'audit';
	if (!may(model, isOwn ? 'audit:read' : 'audit:appliance')) {
		return [say(model, now, 'Your role may not read this trail', 'warning')];
	}
	if (isOwn && model.organisation === undefined) {
		return [say(model, now, 'Choose an organisation first: 3', 'warning')];
	}
	const stamp = new Date(now).toISOString().slice(0, 19).replaceAll(/[-:]/g, '');
	const name = isOwn ? slug(model.organisation?.name ?? '') : 'appliance';
	const value = fieldOf(`audit-${name}-${stamp}Z.ndjson`);
	const form = formOf([{name: 'file', label: 'File', value}]);
	return [push(model, {type: 'form', name: 'exportTrail', id: list, form})];
}

export const exportTrailForm: FormSpec = {
	title: 'export',
	heading: (_model, screen) =>
		screen.id === 'audit' ? 'Write the audit trail to a file' : 'Write the trail of the appliance',
	advice:
		'A new file that only you can read, in this folder or at a path such as ~/audit/june.ndjson. Existing files are never overwritten. `latchkey audit verify` proves it.',
	notes: () => (isInContainer() ? {file: stays} : {}),
	busyText: 'Writing …',
	validate: ({file = ''}) => (file.trim() === '' ? {file: 'A file needs a name'} : {}),
	act: ({file = ''}, {organisation}, screen) => download(file.trim(), screen, organisation?.id),
	begins: (model, effect, now) =>
		effect.do === 'download'
			? say({...model, download: effect.file}, now, `Writing ${clean(effect.file)} …`)
			: model,
};

/** In the bundle the folder is a volume, which outlives the container. */
const stays =
	'The file stays in this container, or in its volume; `… run --rm -T tui audit export > FILE` writes it to your machine.';

function isInContainer(): boolean {
	return ['/.dockerenv', '/run/.containerenv'].some((sign) => fs.existsSync(sign));
}

function download(file: string, {id}: FormScreen, organisation = ''): Effect {
	const isOwn = id === 'audit';
	return {
		do: 'download',
		route: isOwn ? 'exportAudit' : 'exportApplianceAudit',
		input: isOwn ? {org_id: organisation} : {},
		file,
		nouns: ['entry', 'entries'],
		// Its first line says what it begins after, its last one is the signed end.
		frame: {lines: 2, end: '{"export":"end",'},
	};
}

/** A name as a part of a file name; without a Latin letter it is just `organisation`. */
function slug(name: string): string {
	const plain = name
		.normalize('NFKD')
		.toLowerCase()
		.replaceAll(/[^a-z\d]+/g, '-')
		.replaceAll(/^-+|-+$/g, '');
	return plain.slice(0, 40) || 'organisation';
}
