import {randomUUID} from 'node:crypto';
import {mkdir, rm, writeFile} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type {Console} from './appliance.ts';
import {walkOfDocs} from './docs.ts';
import type {Furnished} from './furnish.ts';
import {walkOfRest} from './rest.ts';
import {dark, drawingOf, light, type Palette, sheetOf} from './svg.ts';
import {type Picture, type Size, walkThrough} from './walk.ts';

/* Every screen, in each theme and size, as sheets of a few pictures each and as text. */

type Look = {readonly environment: Record<string, string>; readonly palette: Palette};

const looks: Readonly<Record<string, Look>> = {
	default: {environment: {}, palette: dark},
	light: {environment: {LATCHKEY_THEME: 'light'}, palette: light},
	'high-contrast': {environment: {LATCHKEY_THEME: 'high-contrast'}, palette: dark},
	'no-color': {environment: {NO_COLOR: '1'}, palette: dark},
	ascii: {environment: {LATCHKEY_ASCII: '1'}, palette: dark},
};
const usualSizes = '80x24,120x40,200x60';
const [perSheet, beside] = [4, 2];

export async function takeGallery(
	folder: string,
	asked: {
		readonly console: Console;
		readonly furnished: Furnished;
		readonly sizes: string | undefined;
		readonly looks: string | undefined;
	},
): Promise<void> {
	await mkdir(folder, {recursive: true});
	const sizes = (asked.sizes ?? usualSizes).split(',').map((size): Size => {
		const [columns = 80, rows = 24] = size.split('x').map(Number);
		return {columns, rows};
	});
	for (const name of asked.looks?.split(',') ?? Object.keys(looks)) {
		const look = looks[name];
		if (look === undefined) throw new Error(`no look ${name}: ${Object.keys(looks).join(', ')}`);
		const write = async (pictures: readonly Picture[], from: number) => {
			for (const size of sizes) {
				const own = pictures.filter((picture) => picture.size === size);
				const base = path.join(folder, `${name}-${size.columns}x${size.rows}`);
				await writeSheets(base, own, look.palette, from);
			}
		};
		const {pictures, missed} = await taken(asked, look, sizes, write);
		console.log(`${name}: ${pictures.length / sizes.length} screens`);
		for (const each of missed) console.log(`  not shown: ${each}`);
	}
}

async function taken(
	{console: {open, visitor}, furnished}: Parameters<typeof takeGallery>[1],
	{environment}: Look,
	sizes: readonly Size[],
	write: (pictures: readonly Picture[], from: number) => Promise<void>,
) {
	const pictures: Picture[] = [];
	const missed: string[] = [];
	// Each begins at the log-in, as whoever comes for the first time.
	const home = path.join(os.tmpdir(), `latchkey-gallery-${randomUUID()}`);
	await mkdir(home);
	const {columns, rows} = sizes[0] ?? {columns: 80, rows: 24};
	const screen = open(columns, rows, {...environment, HOME: home});
	try {
		// Each sheet is there once it is full: a walk takes some minutes.
		const keep = async (picture: Picture) => {
			const count = pictures.push(picture) / sizes.length;
			if (count % perSheet === 0) await write(pictures, count - perSheet);
		};
		const walk = walkThrough(screen, sizes, keep);
		try {
			await walkOfDocs(walk, visitor, furnished);
		} catch (error) {
			missed.push(String(error));
		}
		missed.push(...(await walkOfRest(walk)));
		await write(pictures, 0);
	} finally {
		screen.kill('SIGTERM');
		await screen.exited;
		await rm(home, {recursive: true, force: true});
	}
	return {pictures, missed};
}

async function writeSheets(
	base: string,
	pictures: readonly Picture[],
	palette: Palette,
	from: number,
): Promise<void> {
	const text = pictures.map(({name, text: shown}) => `===== ${name}\n${shown}\n`).join('\n');
	await writeFile(`${base}.txt`, text);
	for (let first = from; first < pictures.length; first += perSheet) {
		const drawings = pictures
			.slice(first, first + perSheet)
			.map(({name, cells}) => ({...drawingOf(cells, palette), title: name}));
		const number = String(first / perSheet + 1).padStart(2, '0');
		await writeFile(`${base}-${number}.svg`, sheetOf(drawings, beside));
	}
}
