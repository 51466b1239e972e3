import {mkdir, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {parseArgs} from 'node:util';
import {furnish} from './furnish.ts';
import {type Console, withAppliance} from './appliance.ts';
import {walkOfDocs} from './docs.ts';
import {takeGallery} from './gallery.ts';
import {svgOf} from './svg.ts';
import {type Picture, walkThrough} from './walk.ts';

/*
`npm run docs:screens`: the pictures of docs/screens, each of the running console on a real
appliance that was started for it.

`npm run docs:screens -- --gallery FOLDER`: every screen in every theme and some sizes, as sheets to look
at after a change of how they look; `--sizes 80x24,200x60`, `--looks default,ascii` for some of them.
*/

const pictures = path.join(import.meta.dirname, '..', '..', '..', 'docs', 'screens');

const {values} = parseArgs({
	options: {gallery: {type: 'string'}, sizes: {type: 'string'}, looks: {type: 'string'}},
});

await withAppliance(async (console_) => {
	const furnished = await furnish(console_.url, console_.visitor);
	const {gallery, sizes, looks} = values;
	if (gallery !== undefined) {
		await takeGallery(path.resolve(gallery), {console: console_, furnished, sizes, looks});
		return;
	}
	await mkdir(pictures, {recursive: true});
	const size = {columns: 80, rows: 24};
	const narrow = console_.open(size.columns, size.rows);
	await walkOfDocs(walkThrough(narrow, [size], keep), console_.visitor, furnished);
	narrow.kill('SIGTERM');
	await narrow.exited;
	await takeWide(console_);
});

async function takeWide({open}: Console): Promise<void> {
	const size = {columns: 160, rows: 40};
	const screen = open(size.columns, size.rows);
	const {take} = walkThrough(screen, [size], keep);
	await take('wide', 'A wide terminal shows all about the key beside the list', /AUDIT TRAIL/);
	screen.kill('SIGTERM');
	await screen.exited;
}

async function keep({name, title, cells}: Picture): Promise<void> {
	await writeFile(path.join(pictures, `${name}.svg`), svgOf(cells, title));
	console.log(`docs/screens/${name}.svg`);
}
