import {keymap} from '../../../keyboard/keymap.ts';
import type {LogInScreen} from './screen.ts';
import {pop, setTop} from '../../../app/navigation.ts';
import type {Model, Step} from '../../../app/model.ts';
import type {ScreenKind} from '../../../app/screen-kind.ts';
import type {Form} from '../../../components/form/shape.ts';
import {
	type FormAction,
	formKey,
	reduceForm,
	type Validate,
	valuesOf,
} from '../../../components/form/state.ts';
import {commandFor} from '../../../keyboard/keymap.ts';
import {emptyField} from '../../../components/text-field/state.ts';
import {startUseCode} from '../use-code/start.ts';

/** The form after a refusal: the email stays, the password is typed anew. */
function refusedLogIn(form: Form, problem: string): Form {
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
	contexts: (_screen, model) => [
		keymap.form,
		keymap.haveCode,
		hasChoice(model) ? keymap.cancel : keymap.stop,
	],
	typing: () => true,
	view: async () => (await import('./log-in.tsx')).LogInView,
	busy: ({form}) => form.busy,
	onFailure: (model, screen, {problem}) =>
		setTop(model, {...screen, form: refusedLogIn(screen.form, problem)}),
	onKey(model, screen, key, now) {
		if (screen.form.busy) return [model];
		if (commandFor([keymap.haveCode], key) === 'useCode') return startUseCode(model, now);
		const leaves = hasChoice(model) && commandFor([keymap.cancel], key) === 'cancel';
		return leaves ? [pop(model)] : act(model, screen, formKey(key));
	},
	onPaste: (model, screen, text) =>
		act(model, screen, {type: 'text', action: {type: 'paste', text}}),
};

/** Whether there is a choice to go back to. */
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
