import os from 'node:os';

export type Environment = Readonly<Record<string, string | undefined>>;

/** An empty variable is one that is not set. */
export function filled(value: string | undefined): string | undefined {
	return value === '' ? undefined : value;
}

export function home(environment: Environment): string {
	const given = filled(environment['HOME']);
	if (given !== undefined) return given;
	try {
		return os.homedir();
	} catch {
		// A user id without an account, as containers have: nothing can be kept there.
		return '/nonexistent';
	}
}
