import type {Effect, Model} from '../../app/model.ts';
import type {Validate} from '../../components/form/state.ts';

/** What a form is for: what it says, what it takes, and what it does with it. */
export type FormSpec = {
	/** Its crumb. */
	readonly title: string;
	readonly heading: (model: Model) => string;
	readonly advice: string;
	readonly busyText: string;
	readonly validate: Validate;
	/** What is sent, once nothing is wrong; `id` is of what is changed. */
	readonly act: (
		values: Readonly<Record<string, string>>,
		model: Model,
		id: string | undefined,
	) => Effect | undefined;
};
