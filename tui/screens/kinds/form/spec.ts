import type {Answer, Effect} from '../../../app/effect.ts';
import type {Model, Step} from '../../../app/model.ts';
import type {Heard} from '../../../app/screen-kind.ts';
import type {Failure} from '../../../failure.ts';
import type {Question} from '../confirm/screen.ts';
import type {FormName, FormScreen} from './screen.ts';

type Values = Readonly<Record<string, string>>;

/** What a form is for: what it says, what it takes, and what it does with it. */
export type FormSpec = {
	/** Its crumb. */
	readonly title: string;
	readonly heading: (model: Model, screen: FormScreen) => string;
	readonly advice: string;
	readonly busyText: string;
	/** Problems by field name; an empty record lets the form go. */
	readonly validate: (values: Values, now: number, screen: FormScreen) => Record<string, string>;
	/** What a field's text means, by its name, where that is worth a line. */
	readonly notes?: (values: Values, now: number, screen: FormScreen) => Record<string, string>;
	/** What is sent, once nothing is wrong; undefined: there is nothing to do. */
	readonly act: (values: Values, model: Model, screen: FormScreen) => Effect | undefined;
	/** What is asked before it is sent, where it does more than one may think. */
	readonly question?: (values: Values, model: Model, screen: FormScreen) => Question | undefined;
	/** What is sent goes on without the form, which is closed: what the model is then. */
	readonly begins?: (model: Model, effect: Effect, now: number) => Model;
	/** What is said where there is nothing to do: the form is closed then. */
	readonly idle?: string;
	/** The field that a refusal is about, where the refusal itself does not name it. */
	readonly faultyField?: (effect: Effect, failure: Failure) => string | undefined;
	/** As that of a `ScreenKind`, for what is not a change. */
	readonly onAnswer?: (
		model: Model,
		screen: FormScreen,
		event: Answer,
		heard: Heard,
	) => Step | undefined;
};

export type FormSpecs = Readonly<Record<FormName, FormSpec>>;
