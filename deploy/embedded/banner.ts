import path from 'node:path';
import {minPasswordLength} from '../../contract/people.ts';

export type BannerFacts = {
	url: string;
	dataDirectory: string;
	secretsDirectory: string;
	logDirectory: string;
	/** Undefined when the server did not say. */
	setupRequired: boolean | undefined;
};

/**
 * What a person wants to know once everything runs. Names files with secrets, never what is in
 * them.
 */
export function banner(facts: BannerFacts): string {
	const {url, dataDirectory, secretsDirectory, logDirectory} = facts;
	const token = shellWord(path.join(secretsDirectory, 'setup_token'));
	const rows: Array<[string, string[]]> = [['API', [url]]];

	if (facts.setupRequired === false) {
		rows.push(['Log in', ['npm run console']]);
	} else {
		rows.push(
			['First step', ['make the first administrator: npm run console', 'or, by hand:']],
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

/** A path as a shell takes it inside double quotes and $(…). */
function shellWord(text: string) {
	return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
