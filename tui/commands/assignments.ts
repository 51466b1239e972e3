import {Failure} from '../failure.ts';
import {clean} from '../text/clean.ts';
import type {LocalContext, Options} from './command.ts';

/**
 * The arguments `NAME=VALUE` of a command, by their names; each of them one that it knows, and once.
 *
 * @throws {Failure} usage
 */
export function assignmentsOf(
	{positionals}: Pick<LocalContext, 'positionals'>,
	known: Options,
	what: string,
): Readonly<Record<string, string>> {
	const names = Object.keys(known);
	const hint = `There are ${names.join(', ')}.`;
	const given: Record<string, string> = {};
	for (const argument of positionals) {
		const at = argument.indexOf('=');
		const name = at === -1 ? argument : argument.slice(0, at);
		if (!names.includes(name)) {
			throw new Failure('usage', `There is no ${what} ${clean(name)}`, {field: name, hint});
		}
		if (at === -1) throw new Failure('usage', `${name} takes a value: ${name}=…`, {field: name});
		if (Object.hasOwn(given, name)) {
			throw new Failure('usage', `${name} is given twice`, {field: name});
		}
		given[name] = argument.slice(at + 1).trim();
	}
	return given;
}
