import type {Form, FormField} from '../../../components/form/shape.ts';
import {fieldOf} from '../../../components/text-field/state.ts';

/**
 * The form of what somebody else changed meanwhile. What was typed stays; what was not touched is as it
 * is now; and of each field that differs it says what it is now.
 *
 * @param now the texts of its fields as they would be filled in now
 */
export function meanwhile(
	form: Form,
	now: Readonly<Record<string, string>>,
	problem: string,
): Form {
	const fields = form.fields.map((field) => withNews(field, now[field.name] ?? ''));
	const told = fields.findIndex(({news}, index) => news !== form.fields[index]?.news);
	return {...form, fields, focus: told === -1 ? form.focus : told, busy: false, problem};
}

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
