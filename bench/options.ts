/*
How much is measured: the figures of a full run and of `--quick`. What of it a command line changes
is read in `command-line.ts`, which knows the scenarios; they know these types only.
*/

/** How large the scenarios are. */
export type Sizes = {
	/** Rounds of the tables by keys and by processes. */
	rounds: number;
	keyCounts: readonly number[];
	/** Presented to the servers of one and two processes. */
	processKeys: number;
	/** Revoked in each phase of the barrier. */
	revocations: number;
	/** After this a phase of the barrier ends, with fewer keys revoked. */
	phaseSeconds: number;
	coldKeys: number;
	stormKeys: number;
	stormConnections: number;
	lastUsedKeys: number;
	/** Until PostgreSQL has counted all statements of an idle session, which it does after ten. */
	idleSeconds: number;
	/** Rows that the table is filled up with in `million`, and calls of each kind. */
	bulkKeys: number;
	/** Entries of the audit trail that `audit` fills one chain with. */
	auditEntries: number;
	/** Rows of keys and of counts of their use that are backed up. */
	backupKeys: number;
	backupUsageRows: number;
	samples: number;
	/** Keys of each organisation whose lists are narrowed, and how often each of them is asked for. */
	listedKeys: number;
	listSamples: number;
	/** Keys whose use over a month is asked for, and how often each question is asked. */
	usageKeys: number;
	usageSamples: number;
	/** Uses of keys in a second, directly and through the balancer of the bundle. */
	balancedLoad: number;
	/** Refused logins of each kind. */
	logins: number;
	/** Logins at once, while keys are verified this often in a second. */
	parallelLogins: number;
	loginLoad: number;
	/** Uses of keys without limits in a second beside a saturated Redis; a tenth as many with limits. */
	busyRedisLoad: number;
	/** Distinct keys that nobody knows, at full speed; uses of known keys in a second beside them. */
	floodKeys: number;
	floodLoad: number;
	/** PostgreSQL stands still for so long, so often. */
	stallSeconds: number;
	stallRounds: number;
	/** How long each rate of events lasts, and how many events the backlog has. */
	webhookSeconds: number;
	webhookBacklog: number;
	/**
	 * Keys of the organisations that the console shows; how often it is started, and keys pressed.
	 */
	consoleKeys: readonly number[];
	consoleStarts: number;
	consolePresses: number;
	consoleIdleSeconds: number;
};

export type Options = {
	/** How often each target is measured; the figures are medians over these. */
	rounds: number;
	/** Length of one measurement. */
	seconds: number;
	/** Load before each measurement that is not counted. */
	warmupSeconds: number;
	/** API keys in PostgreSQL, each as likely to be presented as any other. */
	keys: number;
	/** Keep-alive connections of the load, each with one request in flight. */
	connections: number;
	/** Names of the scenarios to run. */
	scenarios: readonly string[];
	/** Names of the targets that `throughput` measures. */
	targets: readonly string[];
	sizes: Sizes;
	/** File of the result. */
	output: string;
	/** Commit of another version, measured in turn with this one. */
	compare: string | undefined;
	/** Folder for a CPU profile of the server. */
	profile: string | undefined;
};

/** What the options are unless they are given. */
export const full = {rounds: 3, seconds: 2, warmup: 0.7, keys: 10_000, connections: 64};
export const fullSizes: Sizes = {
	rounds: 2,
	keyCounts: [1000, 10_000, 100_000],
	processKeys: 1000,
	revocations: 300,
	phaseSeconds: 20,
	coldKeys: 100_000,
	stormKeys: 10_000,
	stormConnections: 1000,
	lastUsedKeys: 10_000,
	idleSeconds: 10.5,
	bulkKeys: 1_000_000,
	auditEntries: 1_000_000,
	backupKeys: 1_000_000,
	backupUsageRows: 10_000_000,
	samples: 300,
	listedKeys: 100_000,
	listSamples: 100,
	usageKeys: 10_000,
	usageSamples: 100,
	balancedLoad: 500,
	logins: 200,
	parallelLogins: 50,
	loginLoad: 400,
	busyRedisLoad: 2000,
	floodKeys: 100_000,
	floodLoad: 500,
	stallSeconds: 7,
	stallRounds: 3,
	webhookSeconds: 15,
	webhookBacklog: 300,
	consoleKeys: [10_000, 100_000],
	consoleStarts: 7,
	consolePresses: 300,
	consoleIdleSeconds: 30,
};

/** The same for `--quick`, whose figures mean nothing. */
export const quick = {rounds: 2, seconds: 0.3, warmup: 0.1, keys: 200, connections: 8};
export const quickSizes: Sizes = {
	rounds: 1,
	keyCounts: [50, 200],
	processKeys: 50,
	revocations: 5,
	phaseSeconds: 60,
	coldKeys: 300,
	stormKeys: 300,
	stormConnections: 100,
	lastUsedKeys: 200,
	idleSeconds: 0.1,
	bulkKeys: 2000,
	auditEntries: 2000,
	backupKeys: 2000,
	backupUsageRows: 4000,
	samples: 10,
	listedKeys: 2000,
	listSamples: 2,
	usageKeys: 200,
	usageSamples: 2,
	balancedLoad: 100,
	logins: 5,
	parallelLogins: 5,
	loginLoad: 100,
	busyRedisLoad: 1000,
	floodKeys: 300,
	floodLoad: 100,
	stallSeconds: 0.5,
	stallRounds: 1,
	webhookSeconds: 1,
	webhookBacklog: 5,
	consoleKeys: [50, 300],
	consoleStarts: 1,
	consolePresses: 10,
	consoleIdleSeconds: 0.5,
};
