import {spawn, type ChildProcess, type StdioOptions} from 'node:child_process';
import {lookup} from 'node:dns/promises';
import {mkdtemp, readdir, rm, writeFile} from 'node:fs/promises';
import {isIP} from 'node:net';
import {tmpdir} from 'node:os';
import path from 'node:path';
import type {DatabaseConfig} from '../../core/config/config.ts';
import {exists} from '../exists.ts';
import {lastLines, run} from '../embedded/run.ts';
import {BackupError} from './errors.ts';

const names = ['pg_dump', 'pg_restore', 'psql'] as const;
export type PostgresProgram = (typeof names)[number];

export type PostgresPrograms = Record<PostgresProgram, string> & {major: number};

/** Where Debian and its relatives, Red Hat's, SUSE, Alpine and Homebrew put those of each version. */
const parents = ['/usr/lib/postgresql', '/usr/libexec', '/opt/homebrew/opt'];

/**
 * Finds pg_dump and its companions of a PostgreSQL that is not older than the server: an older pg_dump refuses
 * to read it. The nearest version is taken.
 *
 * @param folder where they are, when the operator says so
 * @throws {BackupError} naming the package to install
 */
export async function findPostgresPrograms(
	atLeast: number,
	folder: string | undefined,
): Promise<PostgresPrograms> {
	const folders = folder === undefined ? await usualFolders() : [folder];
	const found = (await Promise.all(folders.map(programsIn))).filter((each) => each !== undefined);
	const [best] = found.filter(({major}) => major >= atLeast).toSorted((a, b) => a.major - b.major);
	if (best !== undefined) return best;
	const [other] = found.toSorted((a, b) => b.major - a.major);
	const seen = other === undefined ? '' : `; ${other.pg_dump} is of ${other.major}`;
	throw new BackupError(
		`pg_dump, pg_restore and psql of PostgreSQL ${atLeast} or newer are needed${seen}. Install the package postgresql-client-${atLeast} (Debian, Ubuntu) or postgresql${atLeast} (Fedora, RHEL), or name their folder with LATCHKEY_POSTGRES_PROGRAMS_DIR. The bundle has them in services of their own: docker compose run --rm backup, drill or restore.`,
	);
}

async function usualFolders(): Promise<string[]> {
	const own = (process.env['PATH'] ?? '').split(':').filter((entry) => path.isAbsolute(entry));
	const versioned = await Promise.all(
		parents.map(async (parent) =>
			(await readdir(parent).catch(() => []))
				.filter((name) => /^(\d+|postgresql@?\d+)$/.test(name))
				.map((name) => path.join(parent, name, 'bin')),
		),
	);
	return [...own, ...versioned.flat()];
}

async function programsIn(folder: string): Promise<PostgresPrograms | undefined> {
	const file = (name: PostgresProgram) => path.join(folder, name);
	const present = await Promise.all(names.map((name) => exists(file(name))));
	if (present.includes(false)) return undefined;
	const told = await run(file('pg_dump'), ['--version']).catch(() => '');
	const major = Number(/ \(PostgreSQL\) (\d+)/.exec(told)?.[1]);
	if (!(major > 0)) return undefined;
	return {
		pg_dump: file('pg_dump'),
		pg_restore: file('pg_restore'),
		psql: file('psql'),
		major,
	};
}

/** A program of PostgreSQL that runs. */
export type RunningProgram = {
	child: ChildProcess;
	/** Rejects with what it said when it did not end with 0. */
	ended: Promise<void>;
};

/** Starts programs of PostgreSQL that connect as we do; nothing secret is in their arguments. */
export class PostgresLauncher {
	readonly #environment: NodeJS.ProcessEnv;
	readonly #folder: string | undefined;

	private constructor(environment: NodeJS.ProcessEnv, folder: string | undefined) {
		this.#environment = environment;
		this.#folder = folder;
	}

	static async create(config: DatabaseConfig): Promise<PostgresLauncher> {
		const {host, port, database, user, connectTimeoutMs} = config;
		const password = config.readPassword?.() ?? config.password;
		const folder =
			config.ssl === false ? undefined : await mkdtemp(path.join(tmpdir(), 'latchkey-'));
		const environment = {
			PGHOST: host,
			PGPORT: String(port),
			PGDATABASE: database,
			PGUSER: user,
			...(password === undefined ? {} : {PGPASSWORD: password}),
			PGCONNECT_TIMEOUT: String(Math.max(2, Math.ceil(connectTimeoutMs / 1000))),
			...(folder === undefined ? {PGSSLMODE: 'disable'} : await tlsEnvironment(config, folder)),
			// Not the operator's own: what they prefer in psql must not reach in here.
			PGSERVICEFILE: '/dev/null',
			PGPASSFILE: '/dev/null',
			PSQLRC: '/dev/null',
		};
		return new PostgresLauncher(environment, folder);
	}

	start(file: string, args: readonly string[], stdio: StdioOptions, name: string): RunningProgram {
		const child = spawn(file, args, {
			cwd: '/',
			env: {
				PATH: process.env['PATH'],
				LC_ALL: 'C',
				...this.#environment,
				PGAPPNAME: `latchkey-${name}`,
			},
			stdio,
		});
		let said = '';
		child.stderr?.setEncoding('utf8').on('data', (text: string) => {
			said = (said + text).slice(-8000);
		});
		// Whoever writes to it hears of it by its end.
		child.stdin?.on('error', () => {});
		const {promise: ended, resolve, reject} = Promise.withResolvers<void>();
		child.once('error', reject);
		child.once('close', (code, signal) => {
			if (code === 0) resolve();
			else {
				const words = lastLines(said.trim(), 4) || `it ended with ${signal ?? `status ${code}`}`;
				reject(new BackupError(`${path.basename(file)}: ${words}`));
			}
		});
		ended.catch(() => {});
		return {child, ended};
	}

	async close(): Promise<void> {
		if (this.#folder !== undefined) await rm(this.#folder, {recursive: true, force: true});
	}
}

/** The programs take certificates from files; ours are for us alone, and removed at the end. */
async function tlsEnvironment(config: DatabaseConfig, folder: string): Promise<NodeJS.ProcessEnv> {
	if (config.ssl === false) return {};
	const {rejectUnauthorized, ca, cert, key, servername} = config.ssl;
	const put = async (name: string, text: string) => {
		const file = path.join(folder, name);
		await writeFile(file, text, {mode: 0o600});
		return file;
	};
	return {
		PGSSLMODE: rejectUnauthorized ? 'verify-full' : 'require',
		...(rejectUnauthorized
			? {PGSSLROOTCERT: ca === undefined ? 'system' : await put('ca.pem', ca.join('\n'))}
			: {}),
		...(cert === undefined ? {} : {PGSSLCERT: await put('certificate.pem', cert)}),
		...(key === undefined ? {} : {PGSSLKEY: await put('key.pem', key)}),
		// The certificate is for another name than the one that leads there.
		...(servername === undefined
			? {}
			: {
					PGHOST: servername,
					PGHOSTADDR: isIP(config.host) > 0 ? config.host : (await lookup(config.host)).address,
				}),
	};
}
