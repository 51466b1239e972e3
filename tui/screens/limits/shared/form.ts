import {isDeepStrictEqual} from 'node:util';
import {writeLimit, writeQuota} from '../../../../contract/limits-in-words.ts';
import {owner} from '../../../api-keys/labels.ts';
import {changeOf} from '../../../app/effect.ts';
import type {Model} from '../../../app/model.ts';
import {formOf} from '../../../components/form/state.ts';
import {fieldOf} from '../../../components/text-field/state.ts';
import {quota} from '../../../limits/quota.ts';
import {rateLimits} from '../../../limits/rate-limits.ts';
import {keysOf, limitsText} from '../../../limits/shared.ts';
import {clean} from '../../../text/clean.ts';
import {readFields} from '../../../text/typed.ts';
import type {FormScreen} from '../../kinds/form/screen.ts';
import type {FormSpec} from '../../kinds/form/spec.ts';
import type {SharedLimitsRow} from './list.ts';

const fields = {
	owner: {
		...owner,
		label: 'Shared by',
		takes: 'all keys of the organisation; or those of one owner, such as team/payments',
	},
	rate_limits: rateLimits,
	quota,
} as const;

type Texts = Readonly<Record<string, string>>;

/** New limits to share, or a change of those that are there. */
export function newSharedLimitsScreen(row?: SharedLimitsRow): FormScreen {
	if (row === undefined) {
		const all = Object.entries(fields).map(([name, {label}]) => ({name, label}));
		return {type: 'form', name: 'setSharedLimits', form: formOf(all)};
	}
	const field = (name: 'rate_limits' | 'quota', initial: string) => ({
		name,
		label: fields[name].label,
		initial,
		value: fieldOf(initial),
	});
	const form = formOf([
		field('rate_limits', row.rate_limits.map(writeLimit).join(', ')),
		field('quota', row.quota === null ? '' : writeQuota(row.quota)),
	]);
	return {type: 'form', name: 'setSharedLimits', form, id: row.id};
}

export const setSharedLimitsForm: FormSpec = {
	title: 'share limits',
	heading: ({sharedLimits}, {id}) => {
		const row = sharedLimits.items.find((each) => each.id === id);
		return row === undefined ? 'Limits that keys share' : `Limits that ${keysOf(row)} share`;
	},
	advice:
		'All of these keys together may be used this often, on top of the limits of each. In force on every server once this is confirmed; what was used stays used.',
	busyText: 'Setting the limits …',
	idle: 'Nothing was changed: they share these limits already.',
	validate(texts) {
		const {members, problems} = readFields(fields, texts, 0);
		const {rate_limits: limits = [], quota: of = null} = members;
		const isNothing = limits.length === 0 && of === null;
		if (Object.keys(problems).length > 0 || !isNothing) return problems;
		return {rate_limits: 'a limit or a quota is needed; x in the list removes both'};
	},
	notes: (texts) => readFields(fields, texts, 0).notes,
	act(texts, model, screen) {
		const {organisation} = model;
		if (organisation === undefined) return undefined;
		const body = bodyOf(texts);
		const before = rowBefore(texts, model, screen);
		if (before !== undefined && isDeepStrictEqual(body, contentOf(before))) return undefined;
		const whose = before?.owner ?? readFields(fields, texts, 0).members.owner ?? null;
		const place = {org_id: organisation.id};
		const then = {
			done: `Set what ${keysOf({owner: whose})} share: in force`,
			tellsWhere: true,
			reload: 'sharedLimits',
		} as const;
		return whose === null
			? changeOf('setOrganisationLimits', {...place, body}, then)
			: changeOf(
					'setOwnerLimits',
					{...place, owner_type: whose.type, owner_id: whose.id, body},
					then,
				);
	},
	question(texts, model, screen) {
		// Whoever changes what is there has seen it.
		if (screen.id !== undefined) return undefined;
		const before = rowBefore(texts, model, screen);
		if (before === undefined) return undefined;
		return {
			name: 'replaceLimits',
			kept: 'the limits stay',
			undo: `e changes them again; ${keysOf(before)} had the limits above.`,
			title: 'replace',
			question: `Replace the limits that ${keysOf(before)} share?`,
			facts: [
				[`They share limits already: ${limitsText(before)}`, 'plain'],
				[`Quota: ${before.quota === null ? 'none' : writeQuota(before.quota)}`, 'plain'],
				['', 'plain'],
				['What the form leaves out is removed.', 'warning'],
			],
			verb: 'Replace',
			busyText: 'Setting the limits …',
		};
	},
	faultyField: (_effect, {details: {field = ''}}) =>
		field.startsWith('owner_') ? 'owner' : undefined,
};

/** All of it: what is not there is taken away. */
function bodyOf(texts: Texts) {
	const {rate_limits = [], quota: of = null} = readFields(fields, texts, 0).members;
	return {rate_limits, quota: of};
}

function contentOf({rate_limits, quota: of}: SharedLimitsRow) {
	return {rate_limits, quota: of};
}

/** What the same keys share by now. */
function rowBefore(
	texts: Texts,
	{sharedLimits}: Model,
	{id = clean(texts['owner']?.trim() ?? '')}: FormScreen,
): SharedLimitsRow | undefined {
	return sharedLimits.items.find((row) => row.id === id);
}
