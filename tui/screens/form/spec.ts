import type {Effect, Model} from '../../app/model.ts';

type Values = Readonly<Record<string, string>>;

/** What a form is for: what it says, what it takes, and what it does with it. */
export type FormSpec = {
	/** Its crumb. */
	readonly title: string;
	readonly heading: (model: Model) => string;
	readonly advice: string;
	readonly busyText: string;
	/** Problems by field name; an empty record lets the form go. */
	readonly validate: (values: Values, now: number) => Record<string, string>;
	/** What a field's text means, by its name, where that is worth a line. */
	readonly notes?: (values: Values, now: number) => Record<string, string>;
	/** What is sent, once nothing is wrong; `id` is of what is changed. */
	readonly act: (values: Values, model: Model, id: string | undefined) => Effect | undefined;
};
