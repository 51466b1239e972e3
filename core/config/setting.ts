import type {Parse} from './parse.ts';

/**
 * The programs that read the environment; `start` is the launcher without Docker, `operate` a command
 * at the machine such as `latchkey secrets`, `backup` those of docs/backup.md.
 */
export type Program =
	| 'server'
	| 'worker'
	| 'migrate'
	| 'init'
	| 'operate'
	| 'backup'
	| 'start'
	| 'console'
	| 'compose';

export type Setting<T> = {
	variable: `LATCHKEY_${string}`;
	/** What it does, for the reference page and for error reports. */
	description: string;
	/** Text form of the default; absent: no value unless given. */
	default?: string;
	/** Never shown, only its length. */
	secret?: true;
	/** File of this name in LATCHKEY_SECRETS_DIR is read when the variable is not given. */
	secretFile?: string;
	/** What to do when it is missing; absent: may be missing. */
	required?: string;
	programs: readonly Program[];
	parse: Parse<T>;
};

export const all = ['server', 'worker', 'migrate', 'operate', 'backup'] as const;

export function setting<T>(setting: Setting<T>): Setting<T> {
	return setting;
}
