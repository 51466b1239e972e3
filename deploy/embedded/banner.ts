import path from 'node:path';
import {minPasswordLength} from '../../contract/people.ts';

export type BannerFacts = {
	url: string;
	dataDirectory: string;
	secretsDirectory: string;
	logDirectory: string;
	/** What must be set for the console to find all this, such as `LATCHKEY_PORT=8081`. */
	settings: readonly string[];
	/** Undefined when the server did not say. */
	setupRequired: boolean | undefined;
};

/**
 * What a person wants to know once everything runs. Names files with secrets, never what is in
 * them.
 */
export function banner(facts: BannerFacts): string {
	const {url, dataDirectory, secretsDirectory, logDirectory} = facts;
	const console = [...facts.settings, 'npm run console'].join(' ');
	const token = shellWord(path.join(secretsDirectory, 'setup_token'));
	const rows: Array<[string, string[]]> = [['API', [url]]];

	if (facts.setupRequired === false) {
		rows.push(['Log in', [console]]);
	} else {
		rows.push(
			['First step', [`make the first administrator: ${console}`, 'or, by hand:']],
			[
				'',
				[
					`  curl -sS ${url}/api/v1/setup \\`,
					`    -H "Latchkey-Setup-Token: $(cat ${token})" \\`,
					`    -H 'Content-Type: application/json' \\`,
					`    -d '{"email":"you@example.com","password":"${minPasswordLength} characters or more"}'`,
				],
			],
		);
	}
	rows.push(
		['Try', [`curl -sS ${url}/readyz`]],
		['Data', [dataDirectory]],
		['Logs', [logDirectory]],
		['Stop', ['Ctrl-C; the next npm start goes on with the same data']],
		[
			'Mode',
			[
				'evaluation: for production use the Docker bundle, or a PostgreSQL and Redis',
				'of your own (LATCHKEY_DATABASE_URL, LATCHKEY_REDIS_URL)',
			],
		],
	);

	return rows
		.flatMap(([title, lines]) =>
			lines.map((line, index) => `  ${(index === 0 ? title : '').padEnd(11)} ${line}`),
		)
		.join('\n');
}

/** How another terminal is told what this start was told: the console looks for the same port and secrets. */
export function settingsAsTyped(
	environment: Readonly<Record<string, string | undefined>>,
): string[] {
	return ['LATCHKEY_PORT', 'LATCHKEY_DATA_DIR', 'LATCHKEY_SECRETS_DIR'].flatMap((name) => {
		const value = environment[name] ?? '';
		return value === '' ? [] : [`${name}=${shellWord(value)}`];
	});
}

/** A path as a shell takes it inside double quotes and $(…). */
function shellWord(text: string) {
	return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
