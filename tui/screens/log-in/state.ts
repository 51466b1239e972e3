import {type LogInScreen, type Model, pop, setTop, type Step} from '../../app/model.ts';
import type {ScreenKind} from '../../app/screen.ts';
import {
	type Form,
	type FormAction,
	formKey,
	formOf,
	reduceForm,
	type Validate,
	valuesOf,
} from '../../components/form/state.ts';
import {commandFor} from '../../keymap.ts';
import {emptyField, fieldOf} from '../../components/text-field/state.ts';
import {startUseCode} from '../use-code/start.ts';

export function newLogInScreen(reason?: string, email?: string): LogInScreen {
	const form = formOf([
		{name: 'email', label: 'Email', value: fieldOf(email ?? '')},
		{name: 'password', label: 'Password', secret: true},
	]);
	return {
		type: 'logIn',
		form: {...form, focus: email === undefined ? 0 : 1},
		...(reason === undefined ? {} : {reason}),
	};
}

/** The form after a refusal: the email stays, the password is typed anew. */
export function refusedLogIn(form: Form, problem: string): Form {
	const fields = form.fields.map((field) =>
		field.secret === true ? {...field, text: emptyField} : field,
	);
	return {...form, fields, focus: fields.length - 1, busy: false, problem};
}

const validate: Validate = ({email, password}) => ({
	...(email?.trim() === '' ? {email: 'email is required'} : {}),
	...(password === '' ? {password: 'password is required'} : {}),
});

export const logInKind: ScreenKind<LogInScreen> = {
	title: () => 'log in',
	contexts: (_screen, model) => ['form', 'haveCode', hasChoice(model) ? 'cancel' : 'stop'],
	typing: () => true,
	onKey(model, screen, key, now) {
		if (screen.form.busy) return [model];
		if (commandFor(['haveCode'], key) === 'useCode') return startUseCode(model, now);
		const leaves = hasChoice(model) && commandFor(['cancel'], key) === 'cancel';
		return leaves ? [pop(model)] : act(model, screen, formKey(key));
	},
	onPaste: (model, screen, text) =>
		act(model, screen, {type: 'text', action: {type: 'insert', text}}),
};

/** Whether it was chosen, and can be left for another way. */
function hasChoice({screens}: Model): boolean {
	return screens.at(-2)?.type === 'chooseLogIn';
}

function act(model: Model, screen: LogInScreen, action: FormAction | undefined): Step {
	if (action === undefined) return [model];
	const form = reduceForm(screen.form, action, validate);
	const next = setTop(model, {...screen, form});
	if (!form.busy || screen.form.busy) return [next];
	const {email = '', password = ''} = valuesOf(form);
	return [next, {do: 'logIn', email: email.trim(), password}];
}
