import {type Answer, changeOf, type KeyAsRead, type Proposal} from '../../../app/effect.ts';
import {isOver, whyOver} from '../../../api-keys/state.ts';
import {changing} from '../../../app/guards.ts';
import type {Model, Step} from '../../../app/model.ts';
import {canChange, may, push, say, setTop} from '../../../app/navigation.ts';
import {clean} from '../../../text/clean.ts';
import type {FullKey} from '../../../../contract/keys.ts';
import type {FormScreen} from '../../kinds/form/screen.ts';
import type {FormSpec} from '../../kinds/form/spec.ts';
import {meanwhile} from '../../kinds/form/meanwhile.ts';
import {changesOf} from './changes.ts';
import {keyForm, textsOf} from './fields.ts';
import {withProposal} from './proposal.ts';
import {unrestricting} from './unrestricting.ts';

type ReadToChange = Extract<Answer, {type: 'readToChange'}>;

/** Whether changing a key would be more than a refusal. */
export function mayEdit(model: Model, key: FullKey | undefined): boolean {
	if (key === undefined || isOver(key, model.now)) return false;
	return canChange(model) && may(model, 'keys:update');
}

/** Reads the key as it is now; the form opens with that, and with what is `proposed` filled in. */
export function startEdit(
	model: Model,
	key: FullKey | undefined,
	now: number,
	proposed?: Proposal,
): Step {
	return changing(model, now, () => {
		if (key === undefined || model.organisation === undefined) return [model];
		const over = whyOver(key, now);
		if (over !== undefined) return [say(model, now, `${over}: it can no longer be changed`)];
		if (!may(model, 'keys:update')) {
			return [say(model, now, 'Your role may not change keys', 'warning')];
		}
		const place = {organisation: model.organisation.id, id: key.id};
		const filledIn = proposed === undefined ? {} : {proposed};
		return [model, {do: 'readToChange', ...place, ...filledIn}];
	});
}

/** Opens the form, on the screen that asked for it. */
export function openEdit(model: Model, {read, proposed}: ReadToChange): Step {
	const form = keyForm(read.key);
	const screen: FormScreen = {
		type: 'form',
		name: 'editKey',
		id: read.key.id,
		key: read,
		form: proposed === undefined ? form : withProposal(form, read.key, proposed),
	};
	const {notice, ...quiet} = model;
	// What was said of the screen below is not about this one.
	return [push(notice?.tone === 'warning' ? model : quiet, screen)];
}

export const editKeyForm: FormSpec = {
	title: 'edit',
	heading: (_model, {key}) => `Change ${clean(key?.key.name ?? '')}${standing(key)}`,
	advice:
		'Only what you change is sent, and only if nobody else changed the key meanwhile. Emptying a field removes what it held.',
	busyText: 'Changing the key …',
	idle: 'Nothing was changed: the key carries all of this already.',
	validate: (texts, now, {key}) =>
		key === undefined ? {} : changesOf(texts, key.key, now).problems,
	notes: (texts, now, {key}) => (key === undefined ? {} : changesOf(texts, key.key, now).notes),
	act(texts, {organisation, now}, {key: read}) {
		if (organisation === undefined || read === undefined) return undefined;
		const {key, tag} = read;
		const {body} = changesOf(texts, key, now);
		if (Object.keys(body).length === 0) return undefined;
		const place = {org_id: organisation.id, key_id: key.id};
		return changeOf(
			'updateKey',
			{...place, body, ifMatch: tag},
			{
				done: `Changed ${clean(body.name ?? key.name)}: in force`,
				tellsWhere: true,
				reload: 'keys',
				missing: 'This key is gone',
				unknown:
					'It is not known whether it was changed. Press enter to ask again: you are told if it was.',
				stale: {do: 'readToChange', organisation: organisation.id, id: key.id},
			},
		);
	},
	question(texts, {now}, {key: read}) {
		if (read === undefined) return undefined;
		return unrestricting(read.key, changesOf(texts, read.key, now).body, 'Changing the key …');
	},
	onAnswer(model, screen, event) {
		const isThis = event.type === 'readToChange' && event.read.key.id === screen.id;
		if (!isThis) return undefined;
		const {key} = event.read;
		const problem =
			key.revoked_at === null ? changed : 'This key was revoked meanwhile: esc leaves it.';
		const form = meanwhile(screen.form, textsOf(key), problem);
		return [setTop(model, {...screen, key: event.read, form})];
	},
};

const changed =
	'Somebody else changed this key meanwhile, and nothing was sent. What you typed is kept; Ctrl-X sends it over theirs.';

function standing(read: KeyAsRead | undefined): string {
	return typeof read?.key.suspended_at === 'string' ? ', which is suspended and stays so' : '';
}
