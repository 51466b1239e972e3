import type {OnPty} from '../test/helpers/pty.ts';
import type {CarryingKind, Fixture, PresentedKey} from './fixture.ts';
import type {Measurement} from './load/job.ts';
import type {Load} from './load/start.ts';
import type {Options} from './options.ts';
import type {OtherVersion} from './other-version.ts';
import type {Program} from './program.ts';
import type {Pinning} from './pinning.ts';
import type {Services} from './services.ts';
import type {Target} from './targets.ts';

export type ServerOptions = {
	/** Absent: this version. */
	version?: OtherVersion;
	/**
	 * `one`: a core that nothing else uses; `all`: where several servers, or several processes, run.
	 */
	cores?: 'one' | 'all';
	env?: Record<string, string>;
	/** File to which it writes what its heap holds after a collection, when it gets a SIGUSR2. */
	heapFile?: string;
};

/** What a scenario works with. Whatever it starts is stopped when it ends. */
export type Bench = {
	options: Options;
	fixture: Fixture;
	services: Services;
	pinning: Pinning | undefined;
	/** With which this version is compared. */
	otherVersion: OtherVersion | undefined;
	/** Folder of this run. */
	directory: string;
	say: (text: string) => void;
	signal: AbortSignal;
	startServer: (options?: ServerOptions) => Promise<Program>;
	startWorker: (options?: Pick<ServerOptions, 'cores' | 'env'>) => Promise<Program>;
	/** Caddy, set up as in the bundle; undefined where there is none, and none may be fetched. */
	startBalancer: (server: Program) => Promise<Program | undefined>;
	/** On a terminal of its own, and on no core in particular. */
	startConsole: (env: Record<string, string>) => OnPty;
	/** Answers what `server` answers to a known key. */
	startBareKoa: (server: Program) => Promise<Program>;
	/** Knows these keys, and answers what `server` answers to one of them. */
	startBareNode: (server: Program, keys: readonly PresentedKey[]) => Promise<Program>;
	startLoad: () => Load;
	/** Uses each of the keys once, on `connections` connections. */
	useOnce: (use: {
		program: Program;
		target: Target;
		keys: readonly PresentedKey[];
		connections: number;
	}) => Promise<Measurement>;
};

export type Outcome = {
	/** As it is written to the result. */
	result: unknown;
	/** As it is printed. */
	table: string;
	/** What went wrong, in lines; empty when nothing did. */
	faults: readonly string[];
};

export type Scenario = {
	name: string;
	/** What it shows, in a line. */
	title: string;
	/** Known keys that it needs in the database. */
	keys: (options: Options) => number;
	/** Keys that carry something. */
	carrying?: (options: Options) => Partial<Record<CarryingKind, number>>;
	/** Keys that it revokes. */
	revokes?: (options: Options) => number;
	/** Only when asked for. */
	isLong?: true;
	run: (bench: Bench) => Promise<Outcome>;
};

/** What went wrong in measurements outside the rounds. */
export function failures(title: string, measurement: Measurement, wanted?: number): string[] {
	const {failureCount, failures: reasons, requests} = measurement;
	const missing = wanted !== undefined && requests !== wanted;
	return [
		...(failureCount === 0 ? [] : [`${title}: ${failureCount} requests failed`]),
		...[...new Set(reasons)].map((reason) => `  ${reason}`),
		...(missing ? [`${title}: ${requests} good answers instead of ${wanted}`] : []),
	];
}
