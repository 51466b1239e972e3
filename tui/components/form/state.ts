import {keymap} from '../../keyboard/keymap.ts';
import {commandFor} from '../../keyboard/keymap.ts';
import {stepped} from '../choosing.ts';
import {acrossParts, inOrder} from './parts.ts';
import type {Form, FormField} from './shape.ts';
import {
	emptyField,
	fieldOf,
	reduceTextField,
	type TextAction,
	type TextField,
	textFieldKey,
} from '../text-field/state.ts';

export type FormAction =
	| {type: 'text'; action: TextAction}
	| {type: 'focus'; by: 1 | -1}
	| {type: 'part'; by: 1 | -1}
	| {type: 'submit' | 'send'}
	| {type: 'refused'; problem: string; field?: string | undefined};

export type FieldSpec = {
	name: string;
	label: string;
	secret?: boolean;
	options?: readonly string[];
	part?: string;
	initial?: string;
	value?: TextField;
};

/** The fields of what is typed, by their names. */
export function fieldsOf(typed: Readonly<Record<string, {label: string}>>): FieldSpec[] {
	return Object.entries(typed).map(([name, {label}]) => ({name, label}));
}

/** Problems by field name; an empty record lets the form go. */
export type Validate = (values: Readonly<Record<string, string>>) => Record<string, string>;

export function formOf(specs: readonly FieldSpec[], parts?: Form['parts']): Form {
	const fields = specs.map(({value, ...spec}) => ({...spec, text: value ?? emptyField}));
	const form = {fields, focus: 0, busy: false};
	return parts === undefined ? form : {...form, fields: inOrder(fields, parts), parts};
}

export function formKey(key: string, {parts}: Pick<Form, 'parts'> = {}): FormAction | undefined {
	const contexts = parts === undefined ? [keymap.form] : [keymap.form, keymap.parts];
	switch (commandFor(contexts, key)) {
		case 'nextPart':
			return {type: 'part', by: 1};
		case 'previousPart':
			return {type: 'part', by: -1};
		case 'send':
			return {type: 'send'};
		case 'submit':
			return {type: 'submit'};
		case 'next':
			return {type: 'focus', by: 1};
		case 'previous':
			return {type: 'focus', by: -1};
		case undefined: {
			const action = textFieldKey(key);
			return action === undefined ? undefined : {type: 'text', action};
		}
	}
}

export function valuesOf(form: Form): Record<string, string> {
	return Object.fromEntries(form.fields.map(({name, text}) => [name, text.value]));
}

/**
 * Enter on any field but the last goes on to the next; on the last it sends, if nothing is wrong.
 * A field is judged while it is typed in, but not before anything was.
 */
export function reduceForm(form: Form, action: FormAction, validate: Validate): Form {
	switch (action.type) {
		case 'text':
			return judged(
				mapField(form, form.focus, (field) => ({
					...field,
					text:
						field.options === undefined
							? reduceTextField(field.text, action.action)
							: choose(field.options, field.text, action.action),
				})),
				validate,
				false,
			);
		case 'focus':
			return {...form, focus: (form.focus + action.by + form.fields.length) % form.fields.length};
		case 'part':
			return {...form, focus: acrossParts(form, action.by)};
		case 'submit':
			if (form.focus < form.fields.length - 1) return {...form, focus: form.focus + 1};
			return reduceForm(form, {type: 'send'}, validate);
		case 'send': {
			const checked = judged(form, validate, true);
			const wrong = checked.fields.findIndex(({problem}) => problem !== undefined);
			return wrong === -1 ? {...checked, busy: true} : {...checked, focus: wrong};
		}
		case 'refused': {
			const idle = withoutProblem({...form, busy: false});
			// `scopes[3]` and `owner.type` are of the field before the dot or bracket.
			const [of] = action.field?.split(/[.[]/) ?? [];
			const index = form.fields.findIndex(({name}) => name === of);
			if (index === -1) return {...idle, problem: action.problem};
			return {
				...mapField(idle, index, (field) => ({...field, problem: action.problem})),
				focus: index,
			};
		}
	}
}

/** Another option: the next or the one before, or the next that begins with what was typed. */
function choose(options: readonly string[], {value}: TextField, action: TextAction): TextField {
	const at = options.indexOf(value);
	const last = options.length - 1;
	const nth = (index: number) => fieldOf(options[index] ?? value);
	const next = stepped(at, 1, options.length);
	if (action.type === 'move') {
		return {
			left: nth(stepped(at, -1, options.length)),
			right: nth(next),
			start: nth(0),
			end: nth(last),
		}[action.to];
	}
	if (action.type === 'erase') return fieldOf(value);
	if (action.text === ' ') return nth(next);
	const after = [...options.slice(at + 1), ...options.slice(0, at + 1)];
	return fieldOf(after.find((option) => option.startsWith(action.text.toLowerCase())) ?? value);
}

function judged(form: Form, validate: Validate, everything: boolean): Form {
	const problems = validate(valuesOf(form));
	const fields = form.fields.map((judgedBefore): FormField => {
		const {problem: _, ...field} = judgedBefore;
		const problem = problems[field.name];
		const shown = problem !== undefined && (everything || field.text.value !== '');
		return shown ? {...field, problem} : field;
	});
	return withoutProblem({...form, fields});
}

function withoutProblem(form: Form): Form {
	const {problem: _, ...rest} = form;
	return rest;
}

function mapField(form: Form, at: number, change: (field: FormField) => FormField): Form {
	return {
		...form,
		fields: form.fields.map((field, index) => (index === at ? change(field) : field)),
	};
}
