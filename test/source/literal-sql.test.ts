import {execFile} from 'node:child_process';
import {mkdtemp, readFile, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {promisify} from 'node:util';
import test from 'ava';

const root = path.join(import.meta.dirname, '..', '..', '..');
const run = promisify(execFile);

/** What the linter says to code that runs `statement`; undefined: nothing. */
async function complaint(statement: string): Promise<string | undefined> {
	const directory = await mkdtemp(path.join(tmpdir(), 'sql-'));
	const file = path.join(directory, 'store.js');
	await writeFile(file, `export const run = (db, name) => ${statement};\n`);
	const rule = path.join(root, '.oxlint', 'literal-sql.js');
	const config = path.join(directory, 'rules.json');
	const settings = {jsPlugins: [rule], rules: {'latchkey/literal-sql': 'error'}};
	await writeFile(config, JSON.stringify(settings));
	const oxlint = path.join(root, 'node_modules', '.bin', 'oxlint');
	try {
		await run(oxlint, ['-c', config, file]);
		return undefined;
	} catch (error) {
		return String((error as {stdout?: string}).stdout);
	}
}

for (const statement of [
	'db.raw(`select ${name}`)',
	"db.raw('select ' + name)",
	"db('keys').whereRaw(`name = '${name}'`)",
	"db('keys').orderByRaw(name.trim())",
	'db.query(`select ${name}`)',
]) {
	test(`S-66: the linter refuses ${statement}`, async (t) => {
		t.regex((await complaint(statement)) ?? '', /SQL is a literal/);
	});
}

test('S-66: literals with bound values pass, and the rule is in force where SQL is', async (t) => {
	t.is(await complaint("db.raw('select ?', [name])"), undefined);
	const config = await readFile(path.join(root, '.oxlintrc.json'), 'utf8');
	t.regex(
		config,
		/"core\/\*\*", "server\/\*\*", "worker\/\*\*"\],\s*"rules": \{"latchkey\/literal-sql": "error"\}/,
	);
});
