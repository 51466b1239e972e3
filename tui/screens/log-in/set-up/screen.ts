import type {Form} from '../../../components/form/shape.ts';

export type SetUpScreen = {
	readonly type: 'setUp';
	readonly form: Form;
	readonly tokenFound: boolean;
};
