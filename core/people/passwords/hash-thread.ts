import {argon2Sync, type Argon2Parameters} from 'node:crypto';
import {readlinkSync} from 'node:fs';
import {setPriority} from 'node:os';
import {parentPort} from 'node:worker_threads';

/** What a hash is made of; see hash-threads.ts. */
export type HashInput = {
	message: string;
	nonce: Uint8Array;
	cost: Pick<Argon2Parameters, 'memory' | 'passes' | 'parallelism' | 'tagLength'>;
};

export type HashOutput = {tag: Uint8Array} | {fault: string};

/** A tenth of the weight of the thread that answers requests, where both want the same core. */
const niceness = 10;

giveWay();
parentPort?.on('message', (input: HashInput) => parentPort?.postMessage(hash(input)));

function hash({message, nonce, cost}: HashInput): HashOutput {
	try {
		return {tag: argon2Sync('argon2id', {message, nonce, ...cost})};
	} catch (error) {
		return {fault: error instanceof Error ? error.message : 'argon2 failed'};
	}
}

/** On Linux a thread has a priority of its own (setpriority(2), "C library/kernel differences"). */
function giveWay(): void {
	try {
		const thread = Number(readlinkSync('/proc/thread-self').split('/').at(-1));
		if (thread > 0) setPriority(thread, niceness);
	} catch {
		// Elsewhere it has the priority of the process.
	}
}
