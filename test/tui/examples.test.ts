import {parseArgs, type ParseArgsOptionsConfig} from 'node:util';
import test from 'ava';
import {commonOptions, type Options} from '../../tui/commands/command.ts';
import {everyCommand} from '../../tui/commands/commands.ts';
import {examples} from '../../tui/commands/examples.ts';

test('every command has examples, and each is a call that the command takes', async (t) => {
	const commands = await everyCommand();
	const paths = commands.map(({path}) => path.join(' '));
	t.deepEqual(Object.keys(examples).toSorted(), paths.toSorted());
	for (const {path, options, arguments: taken} of commands) {
		const name = path.join(' ');
		const own = (examples[name] ?? []).flatMap((line) => {
			const [, call] = /(?:^|[$<]\()latchkey (.*?)\)?(?: [<>] .*)?$/.exec(line) ?? [];
			return call?.startsWith(name) ? [call.slice(name.length)] : [];
		});
		t.true(own.length > 0, name);
		for (const call of own) {
			const words = [...call.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
				([, double, single, plain]) => double ?? single ?? plain ?? '',
			);
			const {values, positionals} = parseArgs({
				args: words,
				options: parsed({...options, ...commonOptions}),
				allowPositionals: true,
			});
			t.true(positionals.length === 0 || taken !== undefined, `latchkey ${name}${call}`);
			for (const [option, {required}] of Object.entries(options)) {
				if (required) t.not(values[option], undefined, `latchkey ${name}${call}`);
			}
		}
	}
});

const parsed = (options: Options): ParseArgsOptionsConfig =>
	Object.fromEntries(Object.entries(options).map(([name, {type}]) => [name, {type}]));
