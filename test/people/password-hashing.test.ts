import {readdir, readFile} from 'node:fs/promises';
import test from 'ava';
import {
	hashPassword,
	mostAtOnce,
	mostWaiting,
	PasswordQueueFull,
	verifyPassword,
} from '../../core/people/passwords/password.ts';

test.serial(
	'a password is stored as argon2id with the published cost, and with its own salt',
	async (t) => {
		const [first, second] = await Promise.all([
			hashPassword('correct horse battery'),
			hashPassword('correct horse battery'),
		]);
		const shape = /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/;
		t.regex(first, shape);
		t.regex(second, shape);
		t.not(first, second);
		t.true(await verifyPassword('correct horse battery', first));
		t.false(await verifyPassword('correct horse batterz', first));
		t.false(await verifyPassword('', first));
	},
);

test.serial('S-55: a password counts whole: nothing is cut off, trimmed or folded', async (t) => {
	const long = 'a'.repeat(72);
	for (const [password, other] of [
		[`${long}b`, `${long}c`],
		[`${'a'.repeat(1000)}b`, `${'a'.repeat(1000)}c`],
		['pass\0word one', 'pass\0word two'],
		[' leading and trailing ', 'leading and trailing'],
		['Case Matters Here', 'case matters here'],
	] as const) {
		const phc = await hashPassword(password);
		t.true(await verifyPassword(password, phc), JSON.stringify(password));
		t.false(await verifyPassword(other, phc), JSON.stringify(other));
	}
	// The same text from another keyboard: composed and decomposed.
	t.true(await verifyPassword('café au lait', await hashPassword('cafe\u0301 au lait')));
});

test.serial(
	'S-57: passwords are hashed by a thread that gives way to those of requests',
	async (t) => {
		await hashPassword('correct horse battery');
		// proc_pid_stat(5): the 19th field, counted behind the name in parentheses, which may hold blanks.
		const niceness = async (thread: string) => {
			const stat = await readFile(`/proc/self/task/${thread}/stat`, 'latin1');
			return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]);
		};
		const threads = await readdir('/proc/self/task');
		const others = await Promise.all(
			threads.filter((id) => id !== String(process.pid)).map(niceness),
		);
		const own = await niceness(String(process.pid));
		t.true(others.includes(10), others.join());
		t.true(own < 10);
	},
);

test.serial('S-53: for nobody the same work is done, and the answer is no', async (t) => {
	t.false(await verifyPassword('anything', undefined));
	await t.throwsAsync(verifyPassword('anything', 'plain text'), {message: /not argon2id/});
	await t.throwsAsync(verifyPassword('x', '$argon2i$v=19$m=8,t=1,p=1$AAAA$AAAA'));
});

test.serial('beyond the hashes at once and 32 that wait, a password is turned away', async (t) => {
	const most = mostAtOnce + mostWaiting;
	t.true(mostAtOnce >= 1 && mostAtOnce <= 4);
	const results = await Promise.allSettled(
		Array.from({length: most + 4}, () => verifyPassword('x', undefined)),
	);
	const rejected = results.filter((result) => result.status === 'rejected');
	t.is(rejected.length, 4);
	t.true(rejected.every(({reason}) => reason instanceof PasswordQueueFull));
	t.false(await verifyPassword('x', undefined), 'afterwards there is room again');
});
