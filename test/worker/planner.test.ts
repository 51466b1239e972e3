import test from 'ava';
import {startPlanner} from '../../worker/planner.ts';
import {eventually} from '../helpers/program.ts';

const work = [{name: 'work', everyMs: 100}];

test('work is planned once in each period, also in those that come again as time went back', async (t) => {
	let now = 1_000_000;
	const ids: string[] = [];
	const end = startPlanner(
		work,
		() => now,
		async (due) => {
			ids.push(...due.map(({id}) => id));
		},
	);
	t.teardown(end);
	await eventually(() => ids.length === 1);
	for (const [i, step] of [100, -100, 100, 100].entries()) {
		now += step;
		await eventually(() => ids.length === i + 2);
	}
	t.is(new Set(ids).size, 5);
	// By which other workers find the work planned.
	t.deepEqual([ids[0], ids[1], ids[4]], ['work_1000000', 'work_1000100', 'work_1000200']);
});

test('what the queue did not take is put there later', async (t) => {
	let attempts = 0;
	let taken = '';
	const end = startPlanner(
		work,
		() => 1_000_000,
		async ([due]) => {
			attempts++;
			if (attempts === 1) throw new Error('Redis is away');
			taken = due?.id ?? '';
		},
	);
	t.teardown(end);
	await eventually(() => taken === 'work_1000000');
	t.is(attempts, 2);
});
