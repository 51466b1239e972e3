import type {OsUser} from '../../deploy/embedded/os-user.ts';
import type {PostgresRuntime} from '../../deploy/embedded/postgres/runtime.ts';
import type {RedisProgram} from '../../deploy/embedded/redis/program.ts';

/** What `npm test` has started or found, for the test files; they get it as JSON in TEST_SERVICES. */
export type TestServices = {
	/** Temporary folder of this run, gone with everything in it at the end. */
	directory: string;
	/** Where programs and initialised clusters outlive the run. */
	cache: string;
	/** Whether programs that are not here may be fetched: not with LATCHKEY_NO_DOWNLOAD=1. */
	mayDownload: boolean;
	runtime: PostgresRuntime;
	redisProgram: RedisProgram;
	/** Who runs PostgreSQL when we are root. */
	postgresUser: OsUser | undefined;
	/** The cluster that test files share. */
	postgres: {
		host: string;
		port: number;
		adminUser: string;
		/** Of the programs. */
		user: string;
		/** Of the migrations. */
		owner: string;
		/** Migrated, never connected to: cloned by `createDatabase`. */
		template: string;
	};
};

export function testServices(): TestServices {
	const text = process.env['TEST_SERVICES'];
	if (!text) {
		throw new Error('Tests need PostgreSQL and Redis: run npm test -- test/path/to/file.test.ts');
	}

	return JSON.parse(text);
}
