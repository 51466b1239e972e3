import test from 'ava';
import {copy} from '../../tui/app/copy.ts';
import {clipboardOf, copySequence, fitsClipboard} from '../../tui/terminal/clipboard.ts';
import {loggedIn, start} from './driven.ts';

const osc52 = (text: string) => `\u001B]52;c;${Buffer.from(text).toString('base64')}\u0007`;

test('what carries a copy is known by the environment', (t) => {
	t.is(clipboardOf({TERM: 'xterm-256color'}), 'terminal');
	t.is(clipboardOf({TERM: 'screen', STY: '1.pts', TMUX: '/tmp/tmux'}), 'tmux');
	t.is(clipboardOf({TERM: 'screen.xterm-256color', STY: '1234.pts-0.host'}), 'screen');
	t.is(clipboardOf({TERM: 'linux'}), 'none');
});

test('inside GNU screen a copy goes out in strings that it hands on whole', (t) => {
	const text = 'a secret '.repeat(500);
	const sent = copySequence(text, 'screen');
	const pieces = sent.split('\u001B\\');
	t.is(pieces.pop(), '', 'each is ended');
	t.true(pieces.length > 1);
	t.true(pieces.every((piece) => piece.startsWith('\u001BP') && piece.length <= 768));
	// What is left once screen has taken off its wrapping.
	t.is(pieces.map((piece) => piece.slice(2)).join(''), osc52(text));
	t.is(copySequence('x', 'terminal'), osc52('x'));
	t.is(copySequence('x', 'tmux'), `${osc52('x')}\u001BPtmux;\u001B${osc52('x')}\u001B\\`);
	t.is(copySequence('x', 'none'), '');
});

test('that something was copied is said only where it can have been', (t) => {
	const {model} = loggedIn();
	const said = (...[next]: ReturnType<typeof copy>) => next.notice;
	t.is(said(...copy(model, start, 'it', 'x'))?.text, "Sent it to the terminal's clipboard");
	const nowhere = copy({...model, clipboard: 'none'}, start, 'it', 'x');
	t.like(said(...nowhere), {tone: 'warning', text: 'This terminal has no clipboard to copy to'});
	t.is(nowhere.length, 1, 'nothing is sent');
	t.true(fitsClipboard('x'.repeat(56_000)));
	const large = copy(model, start, 'the payload', 'x'.repeat(60_000));
	t.regex(said(...large)?.text ?? '', /^Not copied: 60 kB is more/);
	t.is(large.length, 1);
});
