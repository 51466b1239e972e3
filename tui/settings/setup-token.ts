import fs from 'node:fs';
import path from 'node:path';
import {type Environment, filled} from './environment.ts';

/**
 * The setup token of a server that runs beside the console, where its secrets can be read;
 * undefined where they cannot, so that a person is asked for it.
 */
export function findSetupToken(environment: Environment): string | undefined {
	const given = filled(environment['LATCHKEY_SETUP_TOKEN']?.trim());
	if (given !== undefined) return given;
	const data = filled(environment['LATCHKEY_DATA_DIR']) ?? '.latchkey';
	const secrets = filled(environment['LATCHKEY_SECRETS_DIR']) ?? path.join(data, 'secrets');
	const files = [environment['LATCHKEY_SETUP_TOKEN_FILE'], path.join(secrets, 'setup_token')];
	for (const file of files) {
		try {
			if (filled(file) !== undefined) return filled(fs.readFileSync(String(file), 'utf8').trim());
		} catch {
			// Not there, or not for us to read: the next place, and at last the person.
		}
	}
	return undefined;
}
