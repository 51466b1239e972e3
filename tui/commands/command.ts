import type {ParseArgsOptionDescriptor} from 'node:util';
import type {Client} from '../client.ts';
import type {Session} from '../session/session.ts';
import type {Environment, Settings} from '../settings.ts';
import type {Output} from './output.ts';
import type {Terminal} from './terminal.ts';

export type Option = ParseArgsOptionDescriptor & {
	/** What stands for the value in help. */
	value?: string;
	help: string;
};

export type Flags = Readonly<Record<string, string | boolean | undefined>>;

/** What a command is given to do its work with. */
export type Context = {
	client: Client;
	session: Session;
	settings: Settings;
	environment: Environment;
	terminal: Terminal;
	output: Output;
	flags: Flags;
	positionals: readonly string[];
	now: number;
};

/** A scripting command as data: help, parsing and completion all read this. */
export type Command = {
	/** Words after `latchkey`. */
	path: readonly string[];
	/** Arguments besides options, for help: `ID…`. */
	arguments?: string;
	summary: string;
	options: Readonly<Record<string, Option>>;
	/** Refused where LATCHKEY_READONLY is set. */
	changes?: true;
	/** Answers the exit status. @throws {Failure} @throws {Interrupted} */
	run: (context: Context) => Promise<number>;
};

/** Options that every command takes. */
export const commonOptions = {
	url: {type: 'string', value: 'URL', help: 'server to talk to'},
	insecure: {type: 'boolean', help: 'allow plain http to a host that is not private'},
	json: {type: 'boolean', help: 'answer with one JSON document'},
	quiet: {type: 'boolean', short: 'q', help: 'answer with ids or the secret alone, say nothing'},
	help: {type: 'boolean', short: 'h', help: 'show this'},
} as const satisfies Record<string, Option>;

export const organisationOption = {
	org: {type: 'string', value: 'ID|NAME', help: 'organisation to act in, if not your first'},
} as const satisfies Record<string, Option>;

export const confirmOption = {
	yes: {type: 'boolean', short: 'y', help: 'do not ask; required without a terminal'},
} as const satisfies Record<string, Option>;

export function textFlag(flags: Flags, name: string): string | undefined {
	const value = flags[name];
	return typeof value === 'string' ? value : undefined;
}
