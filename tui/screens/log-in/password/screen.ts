import type {Form} from '../../../components/form/shape.ts';
import {formOf} from '../../../components/form/state.ts';
import {fieldOf} from '../../../components/text-field/state.ts';

export type LogInScreen = {readonly type: 'logIn'; readonly form: Form; readonly reason?: string};

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
