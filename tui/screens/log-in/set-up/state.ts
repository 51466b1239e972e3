import {keymap} from '../../../keyboard/keymap.ts';
import {setupRequest} from '../../../../contract/people.ts';
import {setTop} from '../../../app/navigation.ts';
import type {SetUpScreen} from './screen.ts';
import type {Model, Step} from '../../../app/model.ts';
import type {ScreenKind} from '../../../app/screen-kind.ts';
import {
	type FormAction,
	formKey,
	formOf,
	reduceForm,
	type Validate,
	valuesOf,
} from '../../../components/form/state.ts';
import {firstLogInScreen} from '../first.ts';
import {problemsOf} from '../../kinds/form/problems.ts';

const tokenField = {name: 'token', label: 'Setup token', secret: true};

export function newSetUpScreen(tokenFound: boolean): SetUpScreen {
	return {
		type: 'setUp',
		tokenFound,
		form: formOf([
			...(tokenFound ? [] : [tokenField]),
			{name: 'email', label: 'Email'},
			{name: 'password', label: 'Password', secret: true},
			{name: 'again', label: 'Password again', secret: true},
		]),
	};
}

/** The same form, asking for the token: the one that was found is not the server's. */
function askForToken(screen: SetUpScreen, problem: string): SetUpScreen {
	const asked = screen.form.fields.some(({name}) => name === 'token');
	const fresh = formOf([tokenField]).fields;
	const fields = asked ? screen.form.fields : [...fresh, ...screen.form.fields];
	const form = reduceForm(
		{...screen.form, fields},
		{type: 'refused', problem, field: 'token'},
		validate,
	);
	return {...screen, tokenFound: false, form};
}

const validate: Validate = ({token, email, password, again}) => {
	const problems = problemsOf(setupRequest.safeParse({email: email?.trim(), password}));
	if (token?.trim() === '') problems['token'] = 'the setup token is required';
	if (again !== password) problems['again'] = 'the passwords do not match';
	return problems;
};

export const setUpKind: ScreenKind<SetUpScreen> = {
	title: () => 'first administrator',
	contexts: () => [keymap.form, keymap.stop],
	typing: () => true,
	view: async () => (await import('./set-up.tsx')).SetUpView,
	busy: ({form}) => form.busy,
	onFailure(model, screen, {failure, problem}) {
		const {code, field} = failure.details;
		if (code === 'setup_complete') {
			// Made by somebody else in the meantime: then this is a log-in.
			const reason = 'The first administrator exists already.';
			return {...model, screens: [firstLogInScreen(model, reason)]};
		}
		if (code === 'setup_token_invalid') return setTop(model, askForToken(screen, problem));
		const form = reduceForm(screen.form, {type: 'refused', problem, field}, () => ({}));
		return setTop(model, {...screen, form});
	},
	onKey: (model, screen, key) => (screen.form.busy ? [model] : act(model, screen, formKey(key))),
	onPaste: (model, screen, text) =>
		act(model, screen, {type: 'text', action: {type: 'paste', text}}),
};

function act(model: Model, screen: SetUpScreen, action: FormAction | undefined): Step {
	if (action === undefined) return [model];
	const form = reduceForm(screen.form, action, validate);
	const next = setTop(model, {...screen, form});
	if (!form.busy || screen.form.busy) return [next];
	const {token, email = '', password = ''} = valuesOf(form);
	return [next, {do: 'setUp', token: token?.trim(), email: email.trim(), password}];
}
