import type {KeyAsRead} from '../../../app/effect.ts';
import type {Model} from '../../../app/model.ts';
import {setTop} from '../../../app/navigation.ts';
import type {Form, FormField} from '../../../components/form/shape.ts';
import {fieldOf} from '../../../components/text-field/state.ts';
import type {FormScreen} from '../../kinds/form/screen.ts';
import {textsOf} from './fields.ts';

/**
 * The form of a key that somebody else changed meanwhile. What was typed stays; what was not touched
 * is as it is now; and of each field that differs it says what it is now.
 */
export function meanwhile(model: Model, screen: FormScreen, read: KeyAsRead): Model {
	const now = textsOf(read.key);
	const fields = screen.form.fields.map((field) => withNews(field, now[field.name] ?? ''));
	const told = fields.findIndex(({news}, index) => news !== screen.form.fields[index]?.news);
	const form: Form = {
		...screen.form,
		fields,
		focus: told === -1 ? screen.form.focus : told,
		busy: false,
		problem:
			read.key.revoked_at === null ? changed : 'This key was revoked meanwhile: esc leaves it.',
	};
	return setTop(model, {...screen, key: read, form});
}

const changed =
	'Somebody else changed this key meanwhile, and nothing was sent. What you typed is kept; Ctrl-X sends it over theirs.';

function withNews(field: FormField, now: string): FormField {
	const {initial = '', text, label} = field;
	if (now === initial) return field;
	const isTouched = text.value !== initial && text.value !== now;
	const value = now === '' ? 'empty' : now;
	const news = isTouched
		? `! ${label} is now ${value}: yours replaces it`
		: `! meanwhile changed to ${value}`;
	return {...field, initial: now, news, text: isTouched ? text : fieldOf(now)};
}
