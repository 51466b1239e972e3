import type {
	AuditEntryScreen,
	DeliveryScreen,
	HealthScreen,
	Model,
	Step,
	WebhookTestScreen,
} from '../../app/model.ts';
import type {Part} from '../../components/line.tsx';
import type {AnyCommand, CommandOf, Context} from '../../keymap.ts';

/** Screens that are text, which may be longer than they are. */
export type PageScreen = WebhookTestScreen | DeliveryScreen | AuditEntryScreen | HealthScreen;

/** What is particular to a screen that is text. */
export type PageSpec<S extends PageScreen, C extends Context> = {
	/** Its crumb. */
	readonly title: (screen: S, model: Model) => string;
	/** The keys that only this screen has. */
	readonly context: C;
	/** All it says, as lines no wider than `width`. */
	readonly lines: (screen: S, model: Model, width: number) => readonly (readonly Part[])[];
	/** Commands that would only be refused now. */
	readonly unavailable?: (screen: S, model: Model) => readonly AnyCommand[];
	/** One of the screen's own commands. */
	readonly run: (model: Model, screen: S, command: CommandOf<C>, now: number) => Step;
};
