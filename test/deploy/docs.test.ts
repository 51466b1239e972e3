import {execFile} from 'node:child_process';
import path from 'node:path';
import {promisify} from 'node:util';
import test from 'ava';

test('the reference pages are what the code says', async (t) => {
	const script = path.join(import.meta.dirname, '../../deploy/write-docs.js');
	await t.notThrowsAsync(promisify(execFile)(process.execPath, [script, '--check']));
});
