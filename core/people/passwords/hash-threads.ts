import {once} from 'node:events';
import {Worker} from 'node:worker_threads';
import type {HashInput, HashOutput} from './hash-thread.ts';

const idle: Worker[] = [];

/**
 * One argon2id hash, in a thread that gives way to the others. Node's own pool of four threads is
 * left to what requests wait for: signatures of tokens, files, names.
 */
export async function hashInThread(input: HashInput): Promise<Buffer> {
	const thread = idle.pop() ?? new Worker(new URL(import.meta.resolve('./hash-thread.js')));
	const waiting = new AbortController();
	const {signal} = waiting;
	thread.ref();
	try {
		// An `error` of the thread rejects, too.
		const answer = once(thread, 'message', {signal}) as Promise<[HashOutput]>;
		const end = once(thread, 'exit', {signal}).then(() => undefined);
		thread.postMessage(input);
		const [output] = (await Promise.race([answer, end])) ?? [];
		if (output === undefined) throw new Error('the thread that hashes passwords ended');
		// An idle one keeps nobody from ending.
		thread.unref();
		idle.push(thread);
		if ('fault' in output) throw new Error(output.fault);
		return Buffer.from(output.tag);
	} finally {
		waiting.abort();
	}
}
