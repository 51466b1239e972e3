import type {Environment} from '../settings/environment.ts';

/**
 * What carries text to the clipboard: the terminal itself, a multiplexer in between, or nothing.
 * Whether it arrived cannot be seen, but where it cannot arrive is known.
 */
export type Clipboard = 'terminal' | 'tmux' | 'screen' | 'none';

/** The Linux console has no clipboard, and a dumb terminal takes no sequences. */
const without = new Set(['linux', 'dumb', 'vt100', 'vt220']);

export function clipboardOf({TMUX = '', STY = '', TERM = ''}: Environment): Clipboard {
	if (TMUX !== '') return 'tmux';
	if (STY !== '') return 'screen';
	return without.has(TERM) ? 'none' : 'terminal';
}

/** Base64 that terminals take in one sequence: some drop longer ones without a word. */
const longest = 74_994;

export function fitsClipboard(text: string): boolean {
	return encoded(text).length <= longest;
}

/** GNU screen drops a string of more than 768 bytes: it gets pieces, each a string of its own. */
const pieceLength = 700;

/**
 * The OSC 52 sequence that asks the terminal to put `text` on the clipboard: it works over SSH and
 * in containers. Inside tmux the sequence goes out twice, bare for `set-clipboard on` and wrapped
 * for `allow-passthrough on`; GNU screen knows no OSC 52, and hands on what comes wrapped in DCS.
 */
export function copySequence(text: string, clipboard: Clipboard): string {
	const sequence = `\u001B]52;c;${encoded(text)}\u0007`;
	switch (clipboard) {
		case 'none':
			return '';
		case 'terminal':
			return sequence;
		case 'tmux':
			return `${sequence}\u001BPtmux;${sequence.replaceAll('\u001B', '\u001B\u001B')}\u001B\\`;
		case 'screen': {
			const pieces = sequence.match(new RegExp(`[^]{1,${pieceLength}}`, 'g')) ?? [];
			return pieces.map((piece) => `\u001BP${piece}\u001B\\`).join('');
		}
	}
}

function encoded(text: string): string {
	return Buffer.from(text).toString('base64');
}
