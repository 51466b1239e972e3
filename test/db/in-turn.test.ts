import {setImmediate as turn} from 'node:timers/promises';
import test from 'ava';
import {ConnectError} from '../../core/db/faults.ts';
import {inTurn} from '../../core/db/in-turn.ts';

test('what concerns one row is done one after the other, in its order, whatever fails', async (t) => {
	const done: number[] = [];
	let atWork = 0;
	const all = Array.from({length: 20}, (_, index) =>
		inTurn('one', async () => {
			atWork++;
			t.is(atWork, 1);
			await turn();
			atWork--;
			done.push(index);
			if (index % 3 === 0) throw new Error(`fault ${index}`);
			return index;
		}),
	);
	const settled = await Promise.allSettled(all);
	t.deepEqual(done, [...done.keys()]);
	t.deepEqual(
		settled.map(({status}) => status),
		done.map((index) => (index % 3 === 0 ? 'rejected' : 'fulfilled')),
	);
});

test('other rows do not wait, and too many for one are sent away', async (t) => {
	const held = Promise.withResolvers<void>();
	const first = inTurn('held', () => held.promise);
	const waiting = Array.from({length: 100}, () => inTurn('held', async () => 'done'));
	await t.throwsAsync(
		inTurn('held', async () => 'done'),
		{instanceOf: ConnectError},
	);
	t.is(await inTurn('another', async () => 'done'), 'done');
	held.resolve();
	await first;
	t.deepEqual(new Set(await Promise.all(waiting)), new Set(['done']));
	t.is(await inTurn('held', async () => 'again'), 'again');
});
