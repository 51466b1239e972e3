import {execFile} from 'node:child_process';
import {accessSync, constants, writeFileSync} from 'node:fs';
import path from 'node:path';
import {promisify} from 'node:util';
import test from 'ava';
import {everyCommand} from '../../tui/commands/commands.ts';
import {makeHome, runScript} from './script.ts';

/*
Completion, by the shells themselves: bash always, zsh and fish where there are.
*/

const run = promisify(execFile);

/** How each shell is made to complete `latchkey` followed by the words it is given. */
const harness = {
	bash: `compopt() { :; }
COMP_WORDS=(latchkey "$@"); COMP_CWORD=$#; _latchkey; printf '%s\\n' "\${COMPREPLY[@]}"`,
	zsh: `words=(latchkey "$@"); CURRENT=$#words; _latchkey`,
	fish: `complete -C "latchkey $argv"`,
} as const;

/** zsh has its completion system only where somebody types: what it is told is what counts. */
const before = {
	bash: '',
	zsh: `compdef() { }
_files() { print FILES }
_describe() { print -rl -- \${\${(P)2}%%:*} }
`,
	fish: '',
} as const;

/** Stands for `latchkey` where a script asks for names. */
const program = `#!/bin/sh
case $2 in
	keys) printf '%s\\n' billing-prod 'for the shop' ;;
	orgs) echo default ;;
	profiles) printf '%s\\n' lab live ;;
	service-accounts) echo deploy-bot ;;
	webhooks) echo hooks.example.com ;;
	invitations | members) echo ana@example.com ;;
esac
`;

async function complete(shell: keyof typeof harness, words: readonly string[]): Promise<string[]> {
	const {status, stdout} = await runScript(['completion', shell], {});
	if (status !== 0) throw new Error(`completion ${shell}`);
	const file = path.join(makeHome(), 'script');
	writeFileSync(file, `${before[shell]}${stdout}${harness[shell]}\n`);
	const quiet = {bash: ['--norc'], zsh: ['-f'], fish: ['--no-config']}[shell];
	writeFileSync(path.join(path.dirname(file), 'latchkey'), program, {mode: 0o755});
	const PATH = `${path.dirname(file)}:${process.env['PATH'] ?? ''}`;
	const answer = await run(shell, [...quiet, file, ...words], {env: {...process.env, PATH}});
	return answer.stdout
		.split('\n')
		.map((line) => line.split('\t')[0] ?? '')
		.filter((line) => line !== '');
}

function present(shell: string): boolean {
	return (process.env['PATH'] ?? '').split(path.delimiter).some((folder) => {
		try {
			accessSync(path.join(folder, shell), constants.X_OK);
			return true;
		} catch {
			return false;
		}
	});
}

test('the shell is one of those there are', async (t) => {
	for (const argv of [['completion'], ['completion', 'csh'], ['completion', 'bash', 'zsh']]) {
		const {status, stdout} = await runScript(argv, {});
		t.is(status, 2);
		t.is(stdout, '');
	}
});

for (const shell of ['bash', 'zsh', 'fish'] as const) {
	const given = shell === 'bash' || present(shell) ? test : test.skip;

	given(`${shell} completes every noun, verb and option`, async (t) => {
		const commands = await everyCommand();
		const nouns = [...new Set(commands.map(({path: [noun = '']}) => noun))];
		const first = await complete(shell, ['']);
		for (const noun of nouns) t.true(first.includes(noun), noun);
		const verbs = (await complete(shell, ['webhooks', ''])).filter((word) => !word.startsWith('-'));
		const webhooks = commands.filter(({path: [noun]}) => noun === 'webhooks');
		t.deepEqual(verbs.toSorted(), webhooks.map(({path: [, verb = '']}) => verb).toSorted());
		const create = await complete(shell, ['keys', 'create', '--']);
		for (const option of ['--name', '--expires', '--org', '--json', '--out']) {
			t.true(create.includes(option), option);
		}
		t.false(create.includes('--yes'));
		t.true((await complete(shell, ['use', 'acme', '--'])).includes('--clear'));
		t.true((await complete(shell, ['keys', 'list', '--json', '--'])).includes('--filter'));
	});

	given(`${shell} completes names: of keys, organisations and profiles`, async (t) => {
		const keys = await complete(shell, ['keys', 'show', '']);
		t.true(keys.includes('billing-prod'), keys.join('\n'));
		t.true(keys.some((name) => name.replaceAll('\\', '') === 'for the shop'));
		t.true((await complete(shell, ['keys', 'list', '--org', ''])).includes('default'));
		t.true((await complete(shell, ['use', ''])).includes('default'));
		t.true((await complete(shell, ['whoami', '--profile', ''])).includes('lab'));
		t.true((await complete(shell, ['profiles', 'use', ''])).includes('live'));
		const shown = await complete(shell, ['service-accounts', 'show', '']);
		t.true(shown.includes('deploy-bot'), shown.join('\n'));
		const ended = await complete(shell, ['service-accounts', 'revoke-secret', '']);
		t.true(ended.includes('deploy-bot'));
		t.true((await complete(shell, ['webhooks', 'test', ''])).includes('hooks.example.com'));
		const deliveries = await complete(shell, ['webhooks', 'deliveries', '--webhook', '']);
		t.true(deliveries.includes('hooks.example.com'));
		t.true((await complete(shell, ['members', 'remove', ''])).includes('ana@example.com'));
		t.false((await complete(shell, ['invitations', 'create', ''])).includes('ana@example.com'));
	});

	given(`${shell} completes the values there are, and guesses no other`, async (t) => {
		const plans = await complete(shell, ['orgs', 'create', '--plan', '']);
		t.deepEqual(plans.toSorted(), ['free', 'pro', 'team']);
		t.true((await complete(shell, ['completion', ''])).includes('fish'));
		t.deepEqual(await complete(shell, ['keys', 'create', '--name', '']), []);
		t.deepEqual(await complete(shell, ['no-such-noun', '']), []);
	});
}

test('bash completes the word that is begun, and files', async (t) => {
	t.deepEqual(await complete('bash', ['ke']), ['keys']);
	t.deepEqual(await complete('bash', ['orgs', 'update', 'x', '--plan', 't']), ['team']);
	const folder = makeHome();
	writeFileSync(path.join(folder, 'a key'), '');
	const out = ['keys', 'create', '--out', `${folder}/`];
	t.deepEqual(await complete('bash', out), [path.join(folder, 'a key')]);
});
