import type {FullKey} from '../../../../contract/keys.ts';
import {verdictOf} from '../../../api-keys/explanation.ts';
import {makersOf} from '../../../api-keys/makers.ts';
import {isOver, stateOf} from '../../../api-keys/state.ts';
import {statusText} from '../../../api-keys/status-text.ts';
import type {KeyUse} from '../../../app/effect.ts';
import type {Model} from '../../../app/model.ts';
import {type Halves, sideBySide} from '../../../components/beside.ts';
import {factsOf} from '../../../components/facts.ts';
import type {Part} from '../../../components/line.tsx';
import {clean} from '../../../text/clean.ts';
import {writeCount} from '../../../text/count.ts';
import {plural} from '../../../text/plural.ts';
import {ago} from '../../../text/time.ts';
import {fit, wrap} from '../../../text/width.ts';
import type {Glyphs} from '../../../glyphs.ts';
import {addressRows, isOnlyRefused, isRest} from '../../../usage/groups.ts';
import {keyStatus} from '../key/status.ts';
import {usageLines} from '../key/usage.ts';
import {hereOf} from './open.ts';
import type {LeakedKeyScreen} from './screen.ts';
import {leakedKeyOf} from './shown.ts';

type Lines = (readonly Part[])[];
/** What there is room for; with `halves` from where it is called stands at the right. */
type Size = {readonly columns: number; readonly rows: number; readonly halves?: Halves};

/** All that is said above the ways out, in as many lines as there are. */
export function leakedLines(
	screen: LeakedKeyScreen,
	model: Model,
	glyphs: Glyphs,
	size: Size,
): Lines {
	const {told} = screen;
	const said = (text: string, role: Part[1] = 'plain'): Lines =>
		wrap(text, size.columns).map((line): Part[] => [[line, role]]);
	if (screen.asking) return said('Asking whose key it is …', 'dim');
	if (told === undefined) return [...entryLines(screen, said), ...likeIt(screen, model, said)];
	switch (told.kind) {
		case 'malformed':
			return [
				...said(
					'This is not an API key: its checksum is wrong, so it was mistyped or cut off.',
					'warning',
				),
				...likeIt(screen, model, said),
			];
		case 'unknown':
			return [
				...said('None of your organisations has this key.', 'strong'),
				...said(whereText(told)),
				...likeIt(screen, model, said),
			];
		case 'known':
			return hereOf(model, screen) === undefined
				? elsewhereLines(told, said)
				: knownLines(screen, model, glyphs, size, said);
	}
}

type Said = (text: string, role?: Part[1]) => Lines;

function entryLines({secret, problem}: LeakedKeyScreen, said: Said): Lines {
	if (problem !== undefined) {
		return said(
			`! It could not be looked up: ${clean(problem)}. Press enter to ask again.`,
			'warning',
		);
	}
	if (secret === undefined) return [];
	return said(
		`An API key: what is typed of it is masked. ${secret.length} of ${secret.wholeLength} characters; the last one looks it up.`,
		'dim',
	);
}

/** Keys of this organisation that begin in the same way, which is all that can be told without the server. */
function likeIt({hint}: LeakedKeyScreen, {keys, now}: Model, said: Said): Lines {
	const like = keys.items.filter((key) => key.hint === hint);
	if (like.length === 0) {
		return keys.status === 'ready' ? said(`No key of this organisation begins with ${hint}.`) : [];
	}
	return [
		...said(`Going by its beginning it could be this, though the rest was not checked:`),
		...like.flatMap((key) =>
			said(`  ${clean(key.name)}  ${keyStatus(key, now)[0]}  …${key.id.slice(-8)}`, 'strong'),
		),
	];
}

function whereText({asked, unasked}: {asked: number; unasked: number}): string {
	const were = plural(asked, ['organisation was', 'organisations were']);
	const not = unasked === 0 ? '' : `; ${unasked} could not be: your role there may not check keys`;
	return `${were} asked about${not}. It may belong to an organisation that you are not in, or to another server.`;
}

function elsewhereLines(
	{name, place, code}: {name: string; place: {name: string}; code: Parameters<typeof verdictOf>[0]},
	said: Said,
): Lines {
	return [
		...said(
			`This is a key of ${clean(place.name)}, which is another organisation of yours.`,
			'strong',
		),
		...said(`Name  ${clean(name)}`),
		...said(verdictOf(code).verdict, code === 'VALID' ? 'warning' : 'plain'),
		...said(`Enter goes to work in ${clean(place.name)}, and shows what can be done there.`),
	];
}

function knownLines(
	screen: LeakedKeyScreen,
	model: Model,
	glyphs: Glyphs,
	{columns: all, rows, halves}: Size,
	said: Said,
): Lines {
	const key = leakedKeyOf(model, screen);
	const here = hereOf(model, screen);
	if (key === undefined || here === undefined) {
		return [
			...said(`This is one of your keys: ${clean(here?.name ?? '')}.`, 'strong'),
			...said('loading …', 'dim'),
		];
	}
	const {use, read} = screen;
	const columns = halves?.left ?? all;
	const {lines, add} = factsOf(columns);
	const [, role = 'plain'] = keyStatus(key, model.now);
	const by = use === undefined ? '' : makersOf(use.detail).created;
	add('Name', clean(key.name), 'strong');
	add('Id', key.id, 'dim');
	add('Status', statusText(key, model.now, use?.detail), role);
	add('Made', `${ago(key.created_at, model.now)}${by}${ownerText(key)}`);
	add('Last used', lastUse(key, screen, model.now));
	const head = [...verdictLines(key, here.code, model.now, said), [], ...lines];
	const from = read === undefined ? [] : addressLines(screen, model.now, halves?.right ?? columns);
	if (halves !== undefined) {
		const day = use === undefined ? [] : dayLines(use, glyphs, columns, rows - head.length);
		// Below the line that says what the key is, which is as long as it is.
		const beside = [[], ...cut(from, rows - 1)];
		return sideBySide([...head, ...day], beside, halves);
	}
	const left = rows - head.length - from.length;
	const day = use === undefined ? [] : dayLines(use, glyphs, columns, left);
	const room = rows - head.length - day.length;
	return [...head, ...day, ...cut(from, room)];
}

/** The last day in a line, or drawn where there is room for that. */
function dayLines(use: KeyUse, glyphs: Glyphs, columns: number, room: number): Lines {
	if (room < 2) return [];
	if (room < drawnFrom) return usageLines(use, glyphs, {columns, rows: 2}).slice(0, 1);
	return [[], ...usageLines(use, glyphs, {columns, rows: drawnFrom})];
}

const drawnFrom = 14;

function ownerText({owner}: FullKey): string {
	return owner === null ? '' : `, for ${clean(owner.type)}/${clean(owner.id)}`;
}

function lastUse({last_used_at: at}: FullKey, {use}: LeakedKeyScreen, now: number): string {
	if (at === null) return 'never';
	const {last_used_address: address = null, last_used_agent: agent = null} = use?.detail ?? {};
	const from = address === null ? '' : `, from ${clean(address)}`;
	return `${ago(at, now)}${from}${agent === null ? '' : `, by ${clean(agent)}`}`;
}

/** Whether whoever has the key can use it: by the state that it is in now, and what a use came to. */
function verdictLines(
	key: FullKey,
	code: Parameters<typeof verdictOf>[0],
	now: number,
	said: Said,
): Lines {
	const state = stateOf(key, now);
	if (isOver(key, now))
		return said(`This is one of your keys. It is ${state}, and cannot be used.`, 'good');
	if (['suspended', 'expired', 'scheduled'].includes(state)) {
		return said(
			`This is one of your keys. It is ${state}, and refused for as long as it is.`,
			'warning',
		);
	}
	const still: Partial<Record<typeof code, string>> = {
		IP_DENIED: 'it works from the networks it is bound to',
		PLAN_INACTIVE: 'it is refused for as long as the plan has no API keys',
		RATE_LIMITED: 'it works, though one of its limits is used up just now',
		QUOTA_EXCEEDED: 'it works again once its quota resets',
	};
	return said(`This is one of your keys, and ${still[code] ?? 'it works'}.`, 'bad');
}

function addressLines({read}: LeakedKeyScreen, now: number, columns: number): Lines {
	if (read === undefined) return [];
	const rows = addressRows(read.byAddress, read.clients);
	if (rows.length === 0) return [[], [['Not called in the last 7 days.', 'dim']]];
	const width = Math.max(20, Math.min(40, columns - 46));
	return [
		[],
		[[`${fit('CALLED FROM, 7 DAYS', width, '…')}  ACCEPTED    REFUSED     LAST CALL`, 'heading']],
		...rows.map((row): Part[] => {
			const text = isRest(row) ? 'others' : clean(row.group ?? 'nobody said');
			const counts = [row.accepted, row.refused]
				.map((count) => writeCount(count).padEnd(10))
				.join('  ');
			const last = row.last === undefined ? '-' : ago(row.last, now);
			const news = row.first !== undefined && now - Date.parse(row.first) < dayLong ? '  new' : '';
			return [
				[`${fit(text, width, '…')}  ${counts}  ${last}`, isOnlyRefused(row) ? 'bad' : 'plain'],
				[news, 'warning'],
			];
		}),
	];
}

const dayLong = 86_400_000;

/** As many lines as there is room for; the last one says how many more there are. */
function cut(lines: Lines, room: number): Lines {
	if (lines.length <= room) return lines;
	// A heading without a row below it says nothing.
	if (room < 4) return [];
	const more = lines.length - room + 1;
	return [
		...lines.slice(0, room - 1),
		[[`… ${plural(more, ['more', 'more'])}: U shows all`, 'dim']],
	];
}
