import {rm, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {build} from 'esbuild';

/*
`npm run build`: each program in one file, with the parts that it loads when it needs them, in
dist/bundle/. A program of a thousand modules takes twice the time to start.
*/

const root = path.join(import.meta.dirname, '..');
const outdir = path.join(root, 'dist', 'bundle');

await rm(outdir, {recursive: true, force: true});
const {metafile} = await build({
	absWorkingDir: root,
	entryPoints: {
		latchkey: 'deploy/latchkey.ts',
		start: 'deploy/start.ts',
		operate: 'deploy/operate.ts',
		// A thread is started by its file.
		'hash-thread': 'core/people/passwords/hash-thread.ts',
	},
	outdir,
	chunkNames: '[name]-[hash]',
	bundle: true,
	splitting: true,
	format: 'esm',
	platform: 'node',
	target: 'node26',
	legalComments: 'none',
	// React's development build is slow and leaks.
	define: {'process.env.NODE_ENV': '"production"'},
	// Over half of what a frame of Ink's costs is measuring text, and the console has measured it already.
	alias: {'string-width': './tui/text/string-width.ts'},
	// Asked for only by who has them: other databases, other runtimes, development tools.
	external: [
		'@msgpackr-extract/*',
		'better-sqlite3',
		'libsql',
		'mariadb',
		'mysql',
		'mysql2',
		'oracledb',
		'pg-native',
		'pg-query-stream',
		'react-devtools-core',
		'sqlite3',
		'tedious',
	],
	// Packages in CommonJS ask for others while they run.
	banner: {
		js: "import {createRequire as createRequireOfBundle} from 'node:module'; const require = createRequireOfBundle(import.meta.url);",
	},
	metafile: true,
	logLevel: 'warning',
});
// Which part holds what.
await writeFile(path.join(root, 'dist', 'parts.json'), JSON.stringify(metafile));
