/**
 * Which request comes next: any of them, as likely as every other; the n-th with a likelihood of
 * about 1/n (Zipf's law, exponent 1); or every one, in its order, exactly once.
 */
export type Choice = 'random' | 'zipf' | 'once';

/** What the load process is asked to do. */
export type Job = {
	port: number;
	/** A file with one request per line: path, key and, for a POST, its body, separated by spaces. */
	requestsFile: string;
	/** The only status that is right. */
	status: number;
	connections: number;
	choice: Choice;
	/** Sends no faster than this, for a load below saturation; absent: as fast as answers come. */
	requestsPerSecond?: number;
	/** Ignored for `once`, which is measured from its first request to its last answer. */
	warmupMs: number;
	measureMs: number;
	/** Whose CPU time and memory are read. */
	serverPid: number;
};

/** What it found. `failures` are the first few, warm-up included. */
export type Measurement = {
	requests: number;
	seconds: number;
	p50Ms: number;
	p99Ms: number;
	serverCpuSeconds: number;
	loadCpuSeconds: number;
	serverRssBytes: number;
	failureCount: number;
	failures: readonly string[];
};

export type JobResult = {measurement: Measurement} | {error: string};
