import test from 'ava';
import {readTree} from './tree.ts';

const most = 400;

test(`no file of the product is longer than ${most} lines`, async (t) => {
	const files = await readTree(['contract', 'core', 'server', 'worker', 'tui', 'deploy', 'bench']);
	t.true(files.length > 500);
	t.deepEqual(
		files.filter(({text}) => text.split('\n').length - 1 > most).map(({name}) => name),
		[],
	);
});
