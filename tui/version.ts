import {readFileSync} from 'node:fs';

/** The version of the package this file is in, at whatever depth it was built to. */
export function version(): string {
	for (const up of ['../package.json', '../../package.json']) {
		try {
			const text = readFileSync(new URL(up, import.meta.url), 'utf8');
			const {name, version: found} = JSON.parse(text) as {name?: string; version?: string};
			if (name === 'latchkey' && found !== undefined) return found;
		} catch {
			// Not at this depth.
		}
	}
	return 'unknown';
}
