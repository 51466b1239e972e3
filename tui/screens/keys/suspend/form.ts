import {type FullKey, suspendKeyRequest} from '../../../../contract/keys.ts';
import {formOf} from '../../../components/form/state.ts';
import {clean} from '../../../text/clean.ts';
import {problemsOf} from '../../kinds/form/problems.ts';
import type {FormScreen} from '../../kinds/form/screen.ts';
import type {FormSpec} from '../../kinds/form/spec.ts';
import {suspendKey} from './effect.ts';
import {suspendQuestion} from './question.ts';

export function newSuspendScreen({id}: FullKey): FormScreen {
	return {
		type: 'form',
		name: 'suspendKey',
		id,
		form: formOf([{name: 'reason', label: 'Reason'}]),
	};
}

export const suspendKeyForm: FormSpec = {
	title: 'suspend',
	heading: ({keys}, {id}) =>
		`Suspend ${clean(keys.items.find((key) => key.id === id)?.name ?? 'a key')}`,
	advice:
		'Why, for whoever comes across the key later; it may stay empty. The key is refused until it is resumed.',
	busyText: 'Suspending the key …',
	validate: (values) => problemsOf(suspendKeyRequest.safeParse(requestOf(values))),
	act(values, {organisation, keys}, {id}) {
		const key = keys.items.find((each) => each.id === id);
		if (key === undefined || organisation === undefined) return undefined;
		return suspendKey(key, organisation.id, requestOf(values).reason);
	},
	question(_values, {keys, now}, {id}) {
		const key = keys.items.find((each) => each.id === id);
		return key === undefined ? undefined : suspendQuestion(key, now);
	},
	idle: 'This key is not in the list any more. Nothing was changed.',
};

function requestOf({reason = ''}: Readonly<Record<string, string>>): {reason?: string} {
	return reason.trim() === '' ? {} : {reason};
}
