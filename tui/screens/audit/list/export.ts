import type {AuditList} from './list.ts';
import type {Model, Step} from '../../../app/model.ts';
import {may, say} from '../../../app/navigation.ts';

/** Writes a trail out, whole and signed, as `latchkey audit verify` proves it. */
export function exportTrail(model: Model, list: AuditList, now: number): Step {
	const {organisation} = model;
	if (model.download !== undefined) {
		return [say(model, now, `${model.download} is still being written`, 'warning')];
	}
	if (model.link.state === 'offline') {
		return [say(model, now, 'Not while the server is away', 'warning')];
	}
	const isOwn = list === 'audit';
	if (!may(model, isOwn ? 'audit:read' : 'audit:appliance')) {
		return [say(model, now, 'Your role may not read this trail', 'warning')];
	}
	if (isOwn && organisation === undefined) {
		return [say(model, now, 'Choose an organisation first: 3', 'warning')];
	}
	const stamp = new Date(now).toISOString().slice(0, 19).replaceAll(/[-:]/g, '');
	const file = `audit-${isOwn ? slug(organisation?.name ?? '') : 'appliance'}-${stamp}Z.ndjson`;
	return [
		say({...model, download: file}, now, `Writing ${file} …`),
		{
			do: 'download',
			route: isOwn ? 'exportAudit' : 'exportApplianceAudit',
			input: isOwn ? {org_id: organisation?.id ?? ''} : {},
			file,
			nouns: ['entry', 'entries'],
			// Its first line says what it begins after, its last one is the signed end.
			frame: {lines: 2, end: '{"export":"end",'},
		},
	];
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
