import {setTimeout as delay} from 'node:timers/promises';
import type {Cell} from '../helpers/emulator.ts';
import type {OnPty} from '../helpers/pty.ts';

/** What a screen showed. */
export type Picture = {
	readonly name: string;
	readonly title: string;
	readonly size: Size;
	readonly cells: readonly (readonly Cell[])[];
	readonly text: string;
};

export type Size = {readonly columns: number; readonly rows: number};

export type Keep = (picture: Picture) => void | Promise<void>;

/** Somebody at the console who takes pictures: keys are typed as bytes, and each screen is waited for. */
export type Walk = {
	readonly screen: OnPty;
	/** A picture of what the screen shows once it shows `wanted`; of `secret` it has only the beginning. */
	take: (name: string, title: string, wanted: RegExp | string, secret?: string) => Promise<void>;
	/** The same, of what comes of `keys`. */
	step: (keys: string, name: string, title: string, wanted: RegExp | string) => Promise<void>;
	/** Waits until a question listens. */
	listening: () => Promise<void>;
	/** Says yes to a question, once it listens. */
	agree: (asked: string) => Promise<void>;
	/** Back by Esc, once what is there listens. */
	leave: (to: RegExp | string) => Promise<void>;
};

/** @param sizes of each picture one is taken in each of them; the first is that of the screen */
export function walkThrough(screen: OnPty, sizes: readonly Size[], keep: Keep): Walk {
	const take: Walk['take'] = async (name, title, wanted, secret) => {
		await screen.shows(wanted);
		for (const [index, size] of sizes.entries()) {
			if (index > 0) await resized(size);
			await screen.settled();
			const cells = screen.cells();
			await keep({
				name,
				title,
				size,
				cells: secret === undefined ? cells : cells.map((row) => withoutSecret(row, secret)),
				text:
					secret === undefined ? screen.text() : screen.text().replaceAll(secret, maskOf(secret)),
			});
		}
		const [first] = sizes;
		if (sizes.length > 1 && first !== undefined) await resized(first);
	};
	/** A console reads more where there is room for it, once the window has kept its size for a moment. */
	async function resized({columns, rows}: Size) {
		screen.resize(columns, rows);
		await delay(1500);
	}
	return {
		screen,
		take,
		async step(keys, name, title, wanted) {
			screen.type(keys);
			await take(name, title, wanted);
		},
		listening,
		async agree(asked) {
			await screen.shows(asked);
			await listening();
			screen.type('\r');
		},
		async leave(to) {
			await listening();
			screen.type('\u001B');
			await screen.shows(to);
		},
	};
}

/** A question does not listen before it can have been read, ms. */
const deaf = 600;

function listening(): Promise<void> {
	return delay(deaf);
}

function maskOf(secret: string): string {
	return `${secret.slice(0, 12)}${'•'.repeat(secret.length - 12)}`;
}

/** What nobody may read again is not in a picture either. */
function withoutSecret(row: readonly Cell[], secret: string): readonly Cell[] {
	const at = row
		.map(({text}) => (text === '' ? ' ' : text))
		.join('')
		.indexOf(secret);
	if (at === -1) return row;
	const mask = maskOf(secret);
	return row.map((cell, column) => {
		const text = mask[column - at];
		return text === undefined ? cell : {...cell, text};
	});
}
