import {commandFor} from '../../keymap.ts';
import {
	emptyField,
	fieldOf,
	reduceTextField,
	type TextAction,
	type TextField,
	textFieldKey,
} from '../text-field/state.ts';

type FormField = {
	readonly name: string;
	readonly label: string;
	readonly secret?: boolean;
	/** What it takes, where that is one of a few: keys choose among them. */
	readonly options?: readonly string[];
	readonly text: TextField;
	/** Shown under the field once there is something to judge. */
	readonly problem?: string;
};

/** A few text fields, sent together. */
export type Form = {
	readonly fields: readonly FormField[];
	readonly focus: number;
	/** Sent, and waiting for the answer: keys do nothing. */
	readonly busy: boolean;
	/** What the server, or the form as a whole, has against it. */
	readonly problem?: string;
};

export type FormAction =
	| {type: 'text'; action: TextAction}
	| {type: 'focus'; by: 1 | -1}
	| {type: 'submit'}
	| {type: 'refused'; problem: string; field?: string | undefined};

export type FieldSpec = {
	name: string;
	label: string;
	secret?: boolean;
	options?: readonly string[];
	value?: TextField;
};

/** Problems by field name; an empty record lets the form go. */
export type Validate = (values: Readonly<Record<string, string>>) => Record<string, string>;

export function formOf(specs: readonly FieldSpec[]): Form {
	return {
		fields: specs.map(({value, ...spec}) => ({...spec, text: value ?? emptyField})),
		focus: 0,
		busy: false,
	};
}

export function formKey(key: string): FormAction | undefined {
	switch (commandFor(['form'], key)) {
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
		case 'submit': {
			if (form.focus < form.fields.length - 1) return {...form, focus: form.focus + 1};
			const checked = judged(form, validate, true);
			const wrong = checked.fields.findIndex(({problem}) => problem !== undefined);
			return wrong === -1 ? {...checked, busy: true} : {...checked, focus: wrong};
		}
		case 'refused': {
			const idle = withoutProblem({...form, busy: false});
			const index = form.fields.findIndex(({name}) => name === action.field);
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
	const count = options.length;
	const nth = (index: number) => fieldOf(options[(index + count) % count] ?? value);
	if (action.type === 'move') {
		return {left: nth(at - 1), right: nth(at + 1), start: nth(0), end: nth(-1)}[action.to];
	}
	if (action.type === 'erase') return fieldOf(value);
	if (action.text === ' ') return nth(at + 1);
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
