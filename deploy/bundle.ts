import {cp, mkdir, readFile, rm, stat, writeFile} from 'node:fs/promises';
import path from 'node:path';
import type {BuildOptions, Metafile, Plugin} from 'esbuild';

/*
`npm run build`: each program in one file, with the parts that it loads when it needs them, in
dist/bundle/. A program of a thousand modules takes twice the time to start.

The console and its commands are files by themselves: a command is done in the time that loading takes,
and a file is loaded sooner than the eighty that it shares with the server. So they also run without the
rest: dist/npm is a package of them, dist/latchkey one file.

With --if-changed, nothing is built where nothing has changed since.
*/

const root = path.join(import.meta.dirname, '..');
const makers = ['package.json', 'node_modules/.package-lock.json', 'deploy/bundle.ts'];
const dist = path.join(root, 'dist');
const outdir = path.join(dist, 'bundle');
/** Which file holds what. */
const partsFile = path.join(dist, 'parts.json');

/** Whether something that the last build was made of, or that makes it, is newer than it. */
async function hasChanged(): Promise<boolean> {
	try {
		const {inputs} = JSON.parse(await readFile(partsFile, 'utf8')) as Metafile;
		const {mtimeMs: builtAt} = await stat(partsFile);
		const files = [...Object.keys(inputs).filter((file) => !file.includes(':')), ...makers];
		const times = await Promise.all(files.map((file) => stat(path.join(root, file))));
		return times.some(({mtimeMs}) => mtimeMs > builtAt);
	} catch {
		return true;
	}
}

async function buildAll(): Promise<void> {
	const {build, transform} = await import('esbuild');
	const {version} = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as {
		version: string;
	};
	const common = {
		absWorkingDir: root,
		bundle: true,
		format: 'esm',
		platform: 'node',
		target: 'node26',
		legalComments: 'none',
		// React's development build is slow and leaks.
		define: {'process.env.NODE_ENV': '"production"', builtVersion: JSON.stringify(version)},
		metafile: true,
		logLevel: 'warning',
	} as const satisfies BuildOptions;

	/** Whole programs, in one text each. */
	const inOne = async (entryPoint: string, options: BuildOptions = {}) => {
		const {outputFiles, metafile} = await build({
			...common,
			...options,
			entryPoints: [entryPoint],
			outdir,
			write: false,
		});
		return {text: outputFiles?.[0]?.text ?? '', metafile: metafile as Metafile};
	};
	const console = {
		alias: {
			// Over half of what a frame of Ink's costs is measuring text, and the console has measured it already.
			'string-width': './tui/ink/string-width.ts',
		},
		define: {...common.define, ...ofScript},
		plugins: [withoutDevtools, inkRemembers],
	};

	const [programs, latchkey, whole, commands, client, alone] = await Promise.all([
		build({
			...common,
			entryPoints: {
				programs: 'deploy/programs.ts',
				healthcheck: 'deploy/healthcheck.ts',
				'operate-usage': 'deploy/operate-usage.ts',
				start: 'deploy/start.ts',
				operate: 'deploy/operate.ts',
				// A thread is started by its file.
				'hash-thread': 'core/people/passwords/hash-thread.ts',
			},
			outdir,
			write: false,
			...closeSet,
			chunkNames: '[name]-[hash]',
			splitting: true,
			// Asked for only by who has them: other databases, other runtimes.
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
				'sqlite3',
				'tedious',
			],
			// Packages in CommonJS ask for others while they run.
			banner: {js: moduleRequire},
		}),
		inOne('deploy/latchkey.ts', {plugins: [inFilesOfTheirOwn]}),
		inOne('tui/main.ts', console),
		inOne('tui/main.ts', {...console, plugins: [withoutConsole, withoutDevtools, inkRemembers]}),
		inOne('deploy/client.ts', {plugins: [inFilesOfTheirOwn]}),
		inOne('deploy/client.ts', console),
	]);

	const close = async (text: string) => inAscii((await transform(text, closeSet)).code);
	await rm(outdir, {recursive: true, force: true});
	await mkdir(outdir, {recursive: true});
	for (const {path: file, contents} of programs.outputFiles) await writeFile(file, contents);
	await writeFile(path.join(outdir, 'latchkey.js'), await close(asModule(latchkey.text)), {
		mode: 0o755,
	});
	await writeFile(path.join(outdir, 'console.cjs'), await close(asScript(whole.text)));
	await writeFile(path.join(outdir, 'commands.cjs'), await close(asScript(commands.text)));
	await writePackage(await close(asModule(client.text)), version);
	await writeFile(path.join(dist, 'latchkey'), await close(asProgram(alone.text)), {mode: 0o755});
	const parts = [programs, latchkey, whole, commands, client, alone].map(({metafile}) => metafile);
	await writeFile(
		partsFile,
		JSON.stringify({
			inputs: Object.assign({}, ...parts.map(({inputs}) => inputs)),
			console: whole.metafile,
		}),
	);
}

/** V8 keeps the text of what runs: without indents and comments it is half as long. */
const closeSet = {minifyWhitespace: true, lineLimit: 160} as const;

/**
 * One letter that is not ASCII makes each character of its file take two bytes of memory. esbuild leaves them
 * in regular expressions only, where an escape means the same.
 */
function inAscii(text: string): string {
	const escaped = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
	return text.replaceAll(/[^\0-\x7F]/g, escaped);
}

const moduleRequire =
	"import {createRequire as createRequireOfBundle} from 'node:module'; const require = createRequireOfBundle(import.meta.url);";

/** What a module says of its own file, where it has become part of a script. */
const ofScript = {
	'import.meta.url': 'urlOfScript',
	'import.meta.resolve': 'resolveInScript',
};

/** The console and the commands are not in the file of what starts them, nor are the programs of the appliance. */
const inFilesOfTheirOwn: Plugin = {
	name: 'in files of their own',
	setup(build) {
		build.onResolve({filter: /\/(programs|healthcheck|operate-usage)\.ts$/}, ({path: file}) => ({
			path: file.replace(/ts$/, 'js'),
			external: true,
		}));
		build.onResolve({filter: /\/tui\/main\.ts$/}, () => ({path: 'main', namespace: 'console'}));
		build.onLoad({filter: /.*/, namespace: 'console'}, () => ({
			contents: `
				import {opensConsole} from '../tui/opens-console.ts';
				export async function main(args, environment) {
					const file = opensConsole(args) ? './console.cjs' : './commands.cjs';
					return (await createRequire(import.meta.url)(file)).main(args, environment);
				}
				const {createRequire} = process.getBuiltinModule('node:module');
			`,
			resolveDir: import.meta.dirname,
		}));
	},
};

/** Has something else stand for modules that nobody asks for. */
function standIn(filter: RegExp, contents: string): Plugin {
	return {
		name: `instead of ${filter.source}`,
		setup(build) {
			const namespace = filter.source;
			build.onResolve({filter}, () => ({path: 'nothing', namespace}));
			build.onLoad({filter: /.*/, namespace}, () => ({contents}));
		},
	};
}

/** What Ink makes anew for each frame, of texts that are the same in most of them: what it exports, and as what. */
const remembering = {
	'output.js': ['class Output', 'Output', 'withRememberedRows', 'remembered-rows.ts'],
	'sanitize-ansi.js': ['sanitizeAnsi;', 'sanitizeAnsi', 'remembered', 'remembered.ts'],
} as const;

/** Ink's own modules, which remember what they made. */
const inkRemembers: Plugin = {
	name: 'Ink remembers',
	setup(build) {
		build.onLoad({filter: /\/ink\/build\/(output|sanitize-ansi)\.js$/}, async ({path: file}) => {
			const [exported, name, remember, by] =
				remembering[path.basename(file) as keyof typeof remembering];
			const text = await readFile(file, 'utf8');
			const found = `export default ${exported}`;
			if (!text.includes(found)) throw new Error(`${file} has no "${found}"`);
			return {
				contents: `
					import {${remember}} from ${JSON.stringify(path.join(root, 'tui/ink', by))};
					${text.replace(found, exported)}
					export default ${remember}(${name});
				`,
			};
		});
	},
};

/** Only with DEV=true, and where it is installed. */
const withoutDevtools = standIn(/^react-devtools-core$/, 'export default undefined;');
/** Nobody opens the console in the file of the commands. */
const withoutConsole = standIn(/^\.\/console\.ts$/, 'export const openConsole = undefined;');

/**
 * The text of a module that asks Node for its own modules in another way: an import reads each export of
 * a module, of which some load a large part of Node.
 */
function withoutImports(text: string): {text: string; builtins: string} {
	const found: string[] = [];
	const rest = text.replaceAll(
		/^import (?:(?<all>\w+)|\* as (?<space>\w+)|(?:(?<alone>\w+), )?\{(?<some>[^}]*)\}) from "(?:node:)?(?<name>[^"]+)";\n/gm,
		(...match) => {
			const {all, space, alone, some, name} = match.at(-1) as Record<string, string | undefined>;
			const names = [all, space, alone, some && `{${some.replaceAll(' as ', ': ')}}`];
			for (const each of names) {
				if (each) found.push(`const ${each} = process.getBuiltinModule("node:${name}");\n`);
			}
			return '';
		},
	);
	const left = /^import .*$/m.exec(rest);
	if (left !== null) throw new Error(`not understood: ${left[0]}`);
	return {text: rest, builtins: found.join('')};
}

/** Said by whatever Node it is; older ones would fail at a word they do not know. */
const nodeNeeded = `if (Number(process.versions.node.split('.')[0]) < 26) {
	console.error('latchkey: Node.js 26 or newer is needed; this is ' + process.version + '.');
	process.exit(1);
}
`;

function asModule(text: string): string {
	const [first = ''] = text.split('\n', 1);
	const {text: rest, builtins} = withoutImports(text.slice(first.length + 1));
	return `${first}\n${nodeNeeded}${builtins}${rest}`;
}

/** A script whose exports are promised: it waits for what it is made of. */
function asScript(text: string): string {
	return `module.exports = ${asFunction(text, '__filename')}`;
}

/** What is started by itself: a script or a module, as the folders around it say. */
function asProgram(text: string): string {
	const [first = ''] = text.split('\n', 1);
	const file = 'process.getBuiltinModule("node:fs").realpathSync(process.argv[1])';
	return `${first}\n${nodeNeeded}${asFunction(text.slice(first.length + 1), file)}`;
}

function asFunction(text: string, file: string): string {
	const {text: rest, builtins} = withoutImports(text);
	return `(async () => {
'use strict';
const urlOfScript = process.getBuiltinModule("node:url").pathToFileURL(${file}).href;
const resolveInScript = () => { throw new Error('nothing is resolved here'); };
const require = process.getBuiltinModule("node:module").createRequire(urlOfScript);
${builtins}${rest.replace(/^export (\{[^}]*\});$/m, 'return $1;')}})();
`;
}

/** The console and its commands alone, to be installed with npm. */
async function writePackage(latchkey: string, version: string): Promise<void> {
	const folder = path.join(dist, 'npm');
	await rm(folder, {recursive: true, force: true});
	await mkdir(folder, {recursive: true});
	const {name, description, license, engines} = JSON.parse(
		await readFile(path.join(root, 'package.json'), 'utf8'),
	) as Record<string, unknown>;
	const manifest = {
		name,
		version,
		description,
		license,
		engines,
		type: 'module',
		bin: {latchkey: 'latchkey.js'},
	};
	await writeFile(
		path.join(folder, 'package.json'),
		`${JSON.stringify(manifest, undefined, '\t')}\n`,
	);
	await writeFile(path.join(folder, 'latchkey.js'), latchkey, {mode: 0o755});
	for (const file of ['console.cjs', 'commands.cjs']) {
		await cp(path.join(outdir, file), path.join(folder, file));
	}
	await cp(path.join(root, 'LICENSE'), path.join(folder, 'LICENSE'));
}

if (!process.argv.includes('--if-changed') || (await hasChanged())) await buildAll();
