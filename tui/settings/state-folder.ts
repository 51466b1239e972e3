import path from 'node:path';
import {type Environment, filled, home} from './environment.ts';

/** Where sessions are kept, and what was compiled (XDG Base Directory Specification). */
export function stateFolder(environment: Environment): string {
	const base =
		filled(environment['XDG_STATE_HOME']) ?? path.join(home(environment), '.local/state');
	return path.join(base, 'latchkey');
}
