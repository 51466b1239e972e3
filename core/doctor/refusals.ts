import type {Knex} from 'knex';
import type {DatabaseConfig} from '../config/config.ts';
import type {Seen} from './check.ts';

/** What a refusal of PostgreSQL, or of the way to it, means, and what to do. */
const refusals: readonly (readonly [
	code: RegExp,
	what: (config: DatabaseConfig) => string,
	remedy: string,
])[] = [
	[
		/^28P01|^28000/,
		({user}) => `PostgreSQL does not let the role ${user} in: another password, or no rule for it.`,
		'See the password that the role has (alter role … password …) and the one that is given here; pg_hba.conf.',
	],
	[
		/^3D000/,
		({database}) => `PostgreSQL has no database ${database}.`,
		'Create it, or correct LATCHKEY_DATABASE_NAME: docs/database.md.',
	],
	[
		/^42501/,
		({user, database}) => `The role ${user} may not connect to the database ${database}.`,
		'Run `latchkey migrate` again: it grants that.',
	],
	[
		/^53300/,
		() => 'PostgreSQL has no connection left.',
		'Raise max_connections, or see in pg_stat_activity who has so many.',
	],
	[/^57P03/, () => 'PostgreSQL starts, or stops.', 'Wait; its log says how far it is.'],
	[
		/^(ENOTFOUND|EAI_AGAIN)/,
		({host}) => `The name ${host} of PostgreSQL is not known.`,
		'Correct LATCHKEY_DATABASE_URL or LATCHKEY_DATABASE_HOST; in the bundle, PostgreSQL is not running: `docker compose up -d`.',
	],
	[
		/^(ECONNREFUSED|ENOENT|ECONNRESET|EHOSTUNREACH|ENETUNREACH)/,
		({host, port}) => `Nothing listens where PostgreSQL should be, at ${host}, port ${port}.`,
		'Start PostgreSQL (`docker compose up -d postgres`), or correct the address.',
	],
	[
		/CERT|SELF_SIGNED|UNABLE_TO|ERR_TLS|ERR_SSL/,
		({host}) => `The certificate of PostgreSQL at ${host} is not accepted.`,
		'See its end and its name; LATCHKEY_DATABASE_SSL_CA must hold the authority that signed it.',
	],
];

/** Asks once more, and says what the refusal means. */
export async function refusalSeen(db: Knex, config: DatabaseConfig): Promise<Seen[]> {
	let code = '';
	let message = 'it does not answer in time';
	try {
		await db.raw('select 1');
		return [
			{
				level: 'failure',
				what: 'PostgreSQL answers too slowly: a question that takes nothing took over a second.',
				remedy: 'See its log, its disk and what it is busy with (pg_stat_activity).',
			},
		];
	} catch (error) {
		code = error instanceof Error && 'code' in error ? String(error.code) : '';
		if (error instanceof Error && code !== '') message = code;
	}
	const known = refusals.find(([pattern]) => pattern.test(code));
	if (known !== undefined) return [{level: 'failure', what: known[1](config), remedy: known[2]}];
	return [{level: 'failure', what: `PostgreSQL does not answer (${message}).`}];
}
