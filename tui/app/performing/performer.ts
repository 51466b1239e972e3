import type {Client} from '../../client/client.ts';
import type {Session} from '../../session/session.ts';
import type {ThemeName} from '../../theme-name.ts';
import type {Effect, Event} from '../effect.ts';
import type {identify} from './identify.ts';

/** What effects are performed with. */
export type EffectContext = {
	client: Client;
	session: Session;
	/** Id of the organisation that the profile chose. */
	home: string | undefined;
	/** Asked for beside the probe that is being answered now. */
	early?: ReturnType<typeof identify> | undefined;
	findSetupToken: () => string | undefined;
	copy: (text: string) => void;
	/** @throws {Failure} where it cannot be kept */
	keepTheme: (theme: ThemeName) => void;
	repaint: () => void;
	/** Hands the terminal back to the shell, until the program is in the foreground again. */
	suspend: () => void;
	quit: (status: number) => void;
	/** Where files are written. */
	folder: string;
	now: () => number;
};

export type Emit = (event: Event) => void;

/** Performs one effect, and emits what comes of it. @throws {Failure} what then is emitted, too */
export type Performer<Do extends Effect['do']> = (
	effect: Extract<Effect, {do: Do}>,
	context: EffectContext,
	emit: Emit,
) => Promise<void> | void;

export type Performers<Do extends Effect['do']> = {readonly [Each in Do]: Performer<Each>};
