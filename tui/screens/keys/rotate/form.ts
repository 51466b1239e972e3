import {rotationFields} from '../../../api-keys/rotation.ts';
import type {Answer} from '../../../app/effect.ts';
import type {Model, Step} from '../../../app/model.ts';
import {setTop, top} from '../../../app/navigation.ts';
import {fieldsOf} from '../../../components/form/state.ts';
import {clean} from '../../../text/clean.ts';
import {readFields} from '../../../text/typed.ts';
import type {ChoiceScreen} from '../../kinds/choice/screen.ts';
import type {FormSpec} from '../../kinds/form/spec.ts';
import {changesOf} from '../form/changes.ts';
import {keyForm} from '../form/fields.ts';
import {unrestricting} from '../form/unrestricting.ts';
import {replacing, rotateKey} from './choice.ts';

const rotationPart = {
	name: 'rotation',
	title: 'Rotation',
	without: 'the old key goes on for a day',
	fields: fieldsOf(rotationFields),
};

/** The form in place of the choice that asked for it; whoever left it there does not want it. */
export function onReadToRotate(
	model: Model,
	screen: ChoiceScreen,
	event: Answer,
): Step | undefined {
	if (event.type !== 'readToChange' || !screen.busy || top(model) !== screen) return undefined;
	const {read} = event;
	const form = keyForm(read.key, rotationPart);
	return [setTop(model, {type: 'form', name: 'rotateKey', id: read.key.id, key: read, form})];
}

export const rotateKeyForm: FormSpec = {
	title: 'rotate',
	heading: (_model, {key}) => `A new key for ${clean(key?.key.name ?? '')}, shown once`,
	advice:
		'The new key carries what is filled in here. If you do not change its end, it gets the lifetime of the old one, starting now.',
	busyText: 'Rotating the key …',
	validate(texts, now, {key: read}) {
		if (read === undefined) return {};
		return {
			...changesOf(texts, read.key, now).problems,
			...readFields(rotationFields, texts, now).problems,
		};
	},
	notes(texts, now, {key: read}) {
		if (read === undefined) return {};
		return {
			...changesOf(texts, read.key, now).notes,
			...readFields(rotationFields, texts, now).notes,
		};
	},
	act(texts, {organisation, now}, {key: read}) {
		if (organisation === undefined || read === undefined) return undefined;
		const {body} = changesOf(texts, read.key, now);
		const {members} = readFields(rotationFields, texts, now);
		return rotateKey(read.key, organisation.id, {...body, ...members}, now);
	},
	question(texts, {now}, {key: read}) {
		if (read === undefined) return undefined;
		const {body} = changesOf(texts, read.key, now);
		const lifting = unrestricting(read.key, body, 'Rotating the key …');
		const {members} = readFields(rotationFields, texts, now);
		if (members.grace_seconds !== 0) return lifting;
		const ending = replacing(read.key, now);
		if (lifting === undefined) return ending;
		return {...ending, facts: [...ending.facts, ['', 'plain'], ...lifting.facts]};
	},
};
