import * as parse from './parse.ts';
import {all, setting} from './setting.ts';
import {databaseTlsSettings} from './tls-settings.ts';

/** How PostgreSQL is reached, and as whom. */
export const databaseSettings = {
	databaseUrl: setting({
		variable: 'LATCHKEY_DATABASE_URL',
		description:
			'PostgreSQL 15 or newer, as one URL. Excludes LATCHKEY_DATABASE_HOST; what it leaves out, such as the password, is taken from the separate parts.',
		secret: true,
		programs: [...all, 'start'],
		parse: parse.connectionUrl(['postgresql', 'postgres']),
	}),
	databaseHost: setting({
		variable: 'LATCHKEY_DATABASE_HOST',
		description: 'PostgreSQL host, or the folder of its unix socket.',
		programs: [...all, 'start'],
		parse: parse.text,
	}),
	databasePort: setting({
		variable: 'LATCHKEY_DATABASE_PORT',
		description: 'PostgreSQL port.',
		default: '5432',
		programs: [...all, 'start'],
		parse: parse.integer(1, 65_535),
	}),
	databaseName: setting({
		variable: 'LATCHKEY_DATABASE_NAME',
		description: 'Database name.',
		default: 'latchkey',
		programs: [...all, 'start'],
		parse: parse.text,
	}),
	databaseUser: setting({
		variable: 'LATCHKEY_DATABASE_USER',
		description: 'Database role of server and worker.',
		default: 'latchkey',
		programs: [...all, 'start'],
		parse: parse.text,
	}),
	databasePassword: setting({
		variable: 'LATCHKEY_DATABASE_PASSWORD',
		description:
			'Password of that role. Not needed on a unix socket that trusts its folder. The file is used with LATCHKEY_DATABASE_HOST only: it is for a PostgreSQL that was set up with it.',
		secret: true,
		secretFile: 'database_password',
		programs: [...all, 'start'],
		parse: parse.secret(1),
	}),
	databaseMigrationUser: setting({
		variable: 'LATCHKEY_DATABASE_MIGRATION_USER',
		description:
			'Database role that owns the schema, for `latchkey migrate` and backups alone: server and worker then can neither change the schema nor what was audited (docs/database.md). Host, port and database are those of server and worker. Unset: one role for everything.',
		programs: ['migrate', 'backup'],
		parse: parse.text,
	}),
	databaseMigrationPassword: setting({
		variable: 'LATCHKEY_DATABASE_MIGRATION_PASSWORD',
		description: 'Password of that role. Do not give it to server and worker.',
		secret: true,
		programs: ['migrate', 'backup'],
		parse: parse.secret(1),
	}),
	...databaseTlsSettings,
	databaseConnectTimeoutMs: setting({
		variable: 'LATCHKEY_DATABASE_CONNECT_TIMEOUT_MS',
		description:
			'Longest wait for PostgreSQL to accept a connection, its log-in included (LDAP, a far TLS), in milliseconds. Requests do not wait that long: they are answered 503 before.',
		default: '3000',
		programs: all,
		parse: parse.integer(100, 60_000),
	}),
	databaseStatementTimeoutMs: setting({
		variable: 'LATCHKEY_DATABASE_STATEMENT_TIMEOUT_MS',
		description:
			'Longest time of a statement that a request waits for, in milliseconds. One that takes longer is ended, and answered 503. More is for a slow PostgreSQL; one that stands still is then waited for as long.',
		default: '900',
		programs: all,
		parse: parse.integer(100, 60_000),
	}),
	databasePoolMax: setting({
		variable: 'LATCHKEY_DATABASE_POOL_MAX',
		description: 'Most connections a process keeps to PostgreSQL for management calls.',
		default: '10',
		programs: all,
		parse: parse.integer(1, 100),
	}),
	databaseDirectUrl: setting({
		variable: 'LATCHKEY_DATABASE_DIRECT_URL',
		description:
			'PostgreSQL itself, where LATCHKEY_DATABASE_URL leads to a pooler in transaction mode (pgbouncer). Migrations and the connection that keeps memories coherent need a session of their own.',
		secret: true,
		programs: all,
		parse: parse.connectionUrl(['postgresql', 'postgres']),
	}),
} as const;
