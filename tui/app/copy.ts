import {type Clipboard, fitsClipboard} from '../terminal/clipboard.ts';
import {say} from './navigation.ts';
import type {Model, Step} from './model.ts';

const sent: Readonly<Record<Exclude<Clipboard, 'none'>, string>> = {
	terminal: "the terminal's clipboard",
	tmux: 'the clipboard; tmux needs `set-clipboard on`',
	screen: "the terminal's clipboard, by way of GNU screen",
};

/** Copies a text, and says so only where it can have been: `what` is as in `Sent the payload`. */
export function copy(model: Model, now: number, what: string, text: string): Step {
	const {clipboard} = model;
	if (clipboard === 'none') {
		return [say(model, now, 'This terminal has no clipboard to copy to', 'warning')];
	}
	if (!fitsClipboard(text)) {
		const size = Math.round(Buffer.byteLength(text) / 1000);
		return [
			say(
				model,
				now,
				`Not copied: ${size} kB is more than a terminal's clipboard takes`,
				'warning',
			),
		];
	}
	return [say(model, now, `Sent ${what} to ${sent[clipboard]}`), {do: 'copy', text}];
}

export function copyId(model: Model, id: string, now: number): Step {
	return copy(model, now, id, id);
}
