import type {AuditEntry} from '../../../../contract/audit-trail.ts';
import type {KeyClient} from '../../../../contract/usage.ts';
import {readKey} from '../../../app/loading.ts';
import type {Model, Step} from '../../../app/model.ts';
import {bodyRows, may} from '../../../app/navigation.ts';
import {type Halves, halvesOf} from '../../../components/beside.ts';
import type {Part} from '../../../components/line.tsx';
import {clean} from '../../../text/clean.ts';
import {writeCount} from '../../../text/count.ts';
import {ago} from '../../../text/time.ts';
import {fit, truncate} from '../../../text/width.ts';
import type {KeyAround} from './screen.ts';
import {nameOf, shortTime} from '../../audit/list/text.ts';

/* What else the server knows of a key: from where it was used, and what was done to it last. */

/** How many of each are read: more than a screen shows is not needed. */
export const mostAround = 20;
const again = 15_000;

/** The halves of the screen of a key, where it stands beside the facts. */
export function keyHalves({size}: Model): Halves | undefined {
	return halvesOf(size.columns - 2, {left: 70, right: 44});
}

/** Whether there is room for it on the screen of a key. */
export function isRoomy(model: Model): boolean {
	return keyHalves(model) !== undefined || bodyRows(model) > 30;
}

/** Reads it once somebody has stayed at a key for a moment, and then now and again. */
export function readAroundOnceDue(
	model: Model,
	id: string,
	now: number,
	{withUse}: {withUse: boolean},
): Step {
	const {around, organisation, epoch} = model;
	if (around?.id !== id) return [{...model, around: {id, at: now, isAsked: false}}];
	if (organisation === undefined || (around.isAsked && now - around.at < again)) return [model];
	return [
		{...model, around: {...around, at: now, isAsked: true}},
		{
			do: 'readKeyAround',
			organisation: organisation.id,
			id,
			clients: may(model, 'usage:read'),
			entries: may(model, 'audit:read'),
			epoch,
		},
		...(withUse ? readKey(model, id) : []),
	];
}

/** What came of it belongs to the key that one looks at, or to none. */
export function withAround(
	model: Model,
	id: string,
	read: Pick<KeyAround, 'use' | 'clients' | 'entries'>,
): Model {
	const {around} = model;
	return around?.id === id ? {...model, around: {...around, ...read}} : model;
}

/** As much of it as there is room for; `columns` is how wide lines may be. */
export function aroundLines(
	model: Model,
	id: string,
	{columns, rows}: {columns: number; rows: number},
): Part[][] {
	const {around, now} = model;
	if (around?.id !== id) return [];
	const {clients = [], entries = []} = around;
	const from = clients.map((client) => clientLine(client, now, columns));
	const done = entries.map((entry) => entryLine(entry, now, columns));
	const forEach = Math.floor((rows - 4) / 2);
	if (forEach < 2) return [];
	// What one of them leaves free, the other may have.
	const fewer = Math.min(from.length, Math.max(forEach, rows - 4 - done.length));
	return [
		...section(clientHead(columns), from.slice(0, fewer)),
		...section('LAST IN THE AUDIT TRAIL', done.slice(0, rows - 4 - fewer)),
	];
}

function section(title: string, lines: Part[][]): Part[][] {
	return lines.length === 0 ? [] : [[], [[title, 'heading']], ...lines];
}

const [agoWidth, countWidth] = [11, 9];

/** Columns of an address, where lines have so many. */
function addressWidth(columns: number): number {
	return Math.max(15, Math.min(40, columns - 2 * countWidth - agoWidth));
}

function clientHead(columns: number): string {
	const from = fit('CALLED FROM', addressWidth(columns) + 1);
	return `${from}${fit('CALLS', countWidth)}${fit('LAST CALL', agoWidth)}WITH`;
}

function clientLine(
	{address, user_agent, last_seen_at, count, refused}: KeyClient,
	now: number,
	columns: number,
): Part[] {
	const isRefused = count > 0 && refused === count;
	const room = addressWidth(columns);
	const agent = Math.max(0, columns - room - 1 - countWidth - agoWidth);
	return [
		[
			`${isRefused ? '! ' : ''}${fit(clean(address ?? 'not told'), room - (isRefused ? 2 : 0))} `,
			isRefused ? 'warning' : 'plain',
		],
		[fit(writeCount(count), countWidth)],
		[fit(ago(last_seen_at, now), agoWidth), 'dim'],
		[truncate(clean(user_agent ?? ''), agent), 'dim'],
	];
}

function entryLine(entry: AuditEntry, now: number, columns: number): Part[] {
	const isDone = entry.outcome === 'success';
	const action = `${isDone ? '' : 'x '}${clean(entry.action)}`;
	return [
		[`${shortTime(entry.recorded_at, now)}  `, 'dim'],
		[fit(action, Math.min(24, Math.max(16, columns - 30))), isDone ? 'plain' : 'bad'],
		[` ${nameOf(entry.actor)}`, 'dim'],
	];
}
