import {randomBytes, timingSafeEqual} from 'node:crypto';
import {availableParallelism} from 'node:os';
import {hashInThread} from './hash-threads.ts';

/** OWASP minimum for argon2id: 19 MiB, 2 passes, 1 lane. */
const memory = 19_456;
const passes = 2;
const parallelism = 1;
const tagLength = 32;
const costPrefix = `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$`;

/**
 * Hashes at once, and callers that may wait for one: each costs 19 MiB and some 30 ms of a core. One
 * core is left to verification, which must not wait for people who log in.
 */
export const mostAtOnce = Math.min(4, Math.max(1, availableParallelism() - 1));
export const mostWaiting = 32;

/** Too many passwords are being checked: answer 503 and let the caller try again. */
export class PasswordQueueFull extends Error {}

/** @returns a PHC string: `$argon2id$v=19$m=…,t=…,p=…$salt$hash` */
export async function hashPassword(password: string): Promise<string> {
	const salt = randomBytes(16);
	const tag = await derive(password, salt, {memory, passes, parallelism});
	return `${costPrefix}${base64(salt)}$${base64(tag)}`;
}

/** Whether a PHC string was made at another cost than today's. */
export function isOutdated(phc: string): boolean {
	return !phc.startsWith(costPrefix);
}

/**
 * Whether a password is the one a PHC string was made of. With no string (an unknown user) the
 * same work is done and the answer is no, so that time does not tell who exists.
 */
export async function verifyPassword(password: string, phc: string | undefined): Promise<boolean> {
	const parts = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([\w+/]+)\$([\w+/]+)$/.exec(
		phc ?? dummy,
	);
	if (parts === null) throw new Error('stored password hash is not argon2id');
	const [, m, t, p, salt = '', tag = ''] = parts;
	const expected = Buffer.from(tag, 'base64');
	const actual = await derive(password, Buffer.from(salt, 'base64'), {
		memory: Number(m),
		passes: Number(t),
		parallelism: Number(p),
	});
	return timingSafeEqual(actual, expected) && phc !== undefined;
}

const dummy = `${costPrefix}${base64(randomBytes(16))}$${base64(randomBytes(tagLength))}`;

let running = 0;
const waiting: (() => void)[] = [];

async function derive(
	password: string,
	nonce: Buffer,
	cost: {memory: number; passes: number; parallelism: number},
): Promise<Buffer> {
	if (running < mostAtOnce) {
		running++;
	} else {
		if (waiting.length >= mostWaiting) throw new PasswordQueueFull('password checks are queued up');
		await new Promise<void>((resolve) => waiting.push(resolve));
	}
	try {
		const message = password.normalize('NFKC');
		return await hashInThread({message, nonce, cost: {...cost, tagLength}});
	} finally {
		// The next in line takes over this place; nobody can slip in between.
		const next = waiting.shift();
		if (next === undefined) running--;
		else next();
	}
}

function base64(bytes: Buffer): string {
	return bytes.toString('base64').replaceAll('=', '');
}
