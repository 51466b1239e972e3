import type {ParseArgsOptionDescriptor} from 'node:util';
import type {Client} from '../client/client.ts';
import type {Session} from '../session/session.ts';
import type {Environment} from '../settings/environment.ts';
import type {Settings} from '../settings/settings.ts';
import type {Typed} from '../text/typed.ts';
import type {Output} from './output.ts';
import type {Terminal} from '../terminal/terminal.ts';

export type Option = ParseArgsOptionDescriptor & {
	/** What stands for the value in help. */
	value?: string;
	/** The only values there are: checked before anything is sent, and completed. */
	choices?: readonly string[];
	/** Those of the choices that give power: chosen by a number, they are asked about once more. */
	grave?: readonly string[];
	/** What its text stands for: whoever is asked for it is told at once. */
	read?: Typed<unknown>['read'];
	/** The command refuses to go without it. */
	required?: true;
	/** No question of `--accessible`: it is for scripts, or never comes to an end. */
	unasked?: true;
	help: string;
};

export type Options = Readonly<Record<string, Option>>;

export type Flags = Readonly<Record<string, string | boolean | undefined>>;

/** What a command is given that works on this machine alone. */
export type LocalContext = {
	environment: Environment;
	terminal: Terminal;
	output: Output;
	flags: Flags;
	positionals: readonly string[];
	/** How the command is called, with its arguments. */
	usage: string;
	now: number;
};

/** What a command is given to do its work with. */
export type Context = LocalContext & {client: Client; session: Session; settings: Settings};

/** What help, parsing, completion and the reference page know of a command. */
export type Described = {
	/** Words after `latchkey`. */
	path: readonly string[];
	/** Arguments besides options, for help: `ID…`. */
	arguments?: string;
	summary: string;
	options: Options;
	/** What arguments `NAME=VALUE` can set, by its names; as options they are asked for and explained. */
	assignments?: Options;
	/** Refused where LATCHKEY_READONLY is set. */
	changes?: true;
	/** Begins a session, in the profile that it names or makes. */
	logsIn?: true;
};

/**
 * A scripting command as data, which answers the exit status.
 *
 * @throws {Failure | Interrupted} from `run` and `runHere`
 */
export type Command = RemoteCommand | LocalCommand;

export type RemoteCommand = Described & {run: (context: Context) => Promise<number>};

/** Needs no server, and no settings that could be wrong. */
type LocalCommand = Described & {runHere: (context: LocalContext) => number | Promise<number>};

/** Options that every command takes. */
export const commonOptions = {
	url: {type: 'string', value: 'URL', help: 'server to talk to'},
	profile: {type: 'string', value: 'NAME', help: 'server of an earlier login, by its profile'},
	ca: {
		type: 'string',
		value: 'FILE',
		help: 'certificate authority of that server, in PEM; a login keeps it in the profile',
	},
	insecure: {type: 'boolean', help: 'allow plain http to a host that is not private'},
	json: {type: 'boolean', help: 'print one JSON document'},
	quiet: {type: 'boolean', short: 'q', help: 'print only ids (or the secret)'},
	help: {type: 'boolean', short: 'h', help: 'show this'},
} as const satisfies Options;

export const organisationOption = {
	org: {type: 'string', value: 'ID|NAME', help: 'organisation to act in, if not your own'},
} as const satisfies Options;

export const confirmOption = {
	yes: {
		type: 'boolean',
		short: 'y',
		unasked: true,
		help: 'do not ask; required without a terminal',
	},
} as const satisfies Options;

/** Options of every list. */
export const listOptions = {
	limit: {type: 'string', value: 'N', help: 'at most this many'},
	jsonl: {
		type: 'boolean',
		unasked: true,
		help: 'print one JSON document per line, as they come',
	},
} as const satisfies Options;

export const secretOption = {
	out: {
		type: 'string',
		value: 'FILE',
		help: 'write the secret to a new file (mode 0600), print its id',
	},
} as const satisfies Options;
