import path from 'node:path';
import test from 'ava';
import {filesToTryAgain, withSecondTry} from '../helpers/second-try.ts';

const project = path.join(import.meta.dirname, '..', '..', '..');
const passed = (title: string) => ({title, passed: true, detail: []});
const failed = (title: string) => ({title, passed: false, detail: []});

test('files that failed are run again, but no proof, nothing unknown, and not many', (t) => {
	const ofConsole = failed('tui › text › a title › with a separator');
	t.deepEqual(filesToTryAgain([passed('tui › keys › one'), ofConsole, ofConsole], project), [
		'test/tui/text.test.ts',
	]);
	t.deepEqual(filesToTryAgain([passed('tui › keys › one')], project), []);
	for (const title of [
		'proof › history › no revoked key is accepted',
		'verification › revocation › a revocation that is answered is in force on every server',
		'a test that never ended',
		'tui › no such file › one',
	]) {
		t.deepEqual(filesToTryAgain([ofConsole, failed(title)], project), [], title);
	}
	const names = 'text keys codes keymap audit chart client explain frame'.split(' ');
	const many = names.map((name) => failed(`tui › ${name} › one`));
	t.deepEqual(filesToTryAgain(many, project), []);
	t.is(filesToTryAgain(many.slice(1), project).length, 8);
});

test('a second try counts when all of the file passed', (t) => {
	const first = [
		passed('tui › keys › one'),
		failed('tui › keys › two'),
		failed('tui › codes › one'),
	];
	const file = 'test/tui/keys.test.ts';
	t.deepEqual(withSecondTry(first, file, [passed('one'), passed('two')]), [
		failed('tui › codes › one'),
		passed('tui › keys › one'),
		passed('tui › keys › two'),
	]);
	for (const second of [[failed('one'), passed('two')], [], [passed('two')].slice(1)]) {
		t.deepEqual(withSecondTry(first, file, second), first);
	}
	const byHook = [failed('tui › keys › before hook')];
	t.deepEqual(withSecondTry(byHook, file, [passed('one')]), [passed('tui › keys › one')]);
});
