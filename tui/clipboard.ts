import type {Environment} from './settings.ts';

/**
 * The OSC 52 sequence that asks the terminal to put `text` on the clipboard: it works over SSH and
 * in containers. Whether it did cannot be seen. Inside tmux the sequence goes out twice, bare for
 * `set-clipboard on` and wrapped for `allow-passthrough on`.
 */
export function copySequence(text: string, environment: Environment): string {
	const sequence = `\u001B]52;c;${Buffer.from(text).toString('base64')}\u0007`;
	if ((environment['TMUX'] ?? '') === '') return sequence;
	return `${sequence}\u001BPtmux;${sequence.replaceAll('\u001B', '\u001B\u001B')}\u001B\\`;
}
