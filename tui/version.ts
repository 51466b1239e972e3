import {readFileSync} from 'node:fs';

/** Set where the program is in one file (deploy/bundle.ts), which need not lie in its package. */
declare const builtVersion: string | undefined;

/** The version of the package this file is in, at whatever depth it was built to. */
export function version(): string {
	if (typeof builtVersion === 'string') return builtVersion;
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
