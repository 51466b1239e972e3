import type * as z from 'zod';
import {toTimestamp} from '../../contract/text.ts';
import {instantOf} from '../api-keys/instant-of.ts';
import {Failure} from '../failure.ts';
import {day, duration} from '../text/time.ts';
import type {Typed} from '../text/typed.ts';
import type {Flags, LocalContext} from './command.ts';

export function textFlag(flags: Flags, name: string): string | undefined {
	const value = flags[name];
	return typeof value === 'string' ? value : undefined;
}

/** The file of `--ca`, or of its earlier name. */
export function authorityFlag(flags: Flags): string | undefined {
	return textFlag(flags, 'ca') ?? textFlag(flags, 'ca-file');
}

/** `a,b` as a list. */
export function listFlag(flags: Flags, name: string): string[] | undefined {
	return textFlag(flags, name)
		?.split(',')
		.map((word) => word.trim())
		.filter((word) => word !== '');
}

/** @throws {Failure} usage */
export function numberFlag(flags: Flags, name: string): number | undefined {
	const text = textFlag(flags, name);
	if (text === undefined) return undefined;
	if (!/^[1-9]\d{0,8}$/.test(text)) throw new Failure('usage', `--${name} must be a whole number`);
	return Number(text);
}

/** Milliseconds of `24h`. @throws {Failure} usage */
export function durationFlag(flags: Flags, name: string): number | undefined {
	const text = textFlag(flags, name);
	if (text === undefined) return undefined;
	const span = duration(text);
	if (span !== undefined) return span;
	throw new Failure('usage', `--${name} must be a time span such as 90s, 15m, 12h, 30d or 2w`);
}

/** Whole days, given as a number or a span, `90` or `90d`, as a query takes them. @throws {Failure} usage */
export function daysFlag(flags: Flags, name: string): string | undefined {
	const text = textFlag(flags, name)?.trim();
	if (text === undefined || /^\d+$/.test(text)) return text;
	const days = (duration(text) ?? Number.NaN) / day;
	if (Number.isInteger(days)) return String(days);
	throw new Failure('usage', `--${name} must be whole days such as 90, 90d or 12w`, {field: name});
}

/** What the text of an option stands for. @throws {Failure} usage */
export function typedFlag<Value>(
	{flags, now}: Pick<LocalContext, 'flags' | 'now'>,
	name: string,
	{read}: Typed<Value>,
): Value | undefined {
	const text = textFlag(flags, name);
	if (text === undefined) return undefined;
	const reading = read(text.trim(), now);
	if ('value' in reading) return reading.value;
	throw new Failure('usage', `--${name}: ${reading.problem}`, {field: name});
}

/**
 * A time as the API takes it: as it was given, the beginning of a day (UTC), or a span before now.
 *
 * @throws {Failure} usage
 */
export function timeFlag(
	{flags, now}: Pick<LocalContext, 'flags' | 'now'>,
	name: string,
): string | undefined {
	const text = textFlag(flags, name)?.trim();
	if (text === undefined) return undefined;
	const span = duration(text);
	if (span !== undefined) return new Date(now - span).toISOString();
	const whole = /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text;
	if (!Number.isNaN(Date.parse(whole))) return whole;
	throw new Failure(
		'usage',
		`--${name} must be a time such as 1h, 30d, 2030-01-15 or 2030-01-15T10:30:00Z`,
		{field: name},
	);
}

/**
 * A time to come as the API takes it: as it was given, a day (UTC), of which `ofDay` is meant, or a span
 * from now on.
 *
 * @throws {Failure} usage
 */
export function timeToComeFlag(
	{flags, now}: Pick<LocalContext, 'flags' | 'now'>,
	name: string,
	ofDay: string,
): string | undefined {
	const text = textFlag(flags, name)?.trim();
	if (text === undefined) return undefined;
	const at = instantOf(text, now, ofDay);
	if (at !== undefined) return toTimestamp(new Date(at));
	throw new Failure(
		'usage',
		`--${name} must be a time such as 30d, 2030-01-15 or 2030-01-15T10:30:00Z`,
		{field: name},
	);
}

/** `--since` and `--until`, as a query takes them. */
export function periodFlags(context: Pick<LocalContext, 'flags' | 'now'>) {
	return {
		since: timeFlag(context, 'since'),
		until: timeFlag(context, 'until'),
	};
}

/**
 * What a request consists of: the members that were given, checked as the server will.
 *
 * @throws {Failure} usage, with the member and how the command is used.
 */
export function checked<Schema extends z.ZodType>(
	schema: Schema,
	members: Readonly<Record<string, unknown>>,
	hint: string,
): z.input<Schema> {
	const given = Object.fromEntries(
		Object.entries(members).filter(([, value]) => value !== undefined),
	);
	const parsed = schema.safeParse(given);
	if (parsed.success) return given as z.input<Schema>;
	const [issue] = parsed.error.issues;
	const field = issue?.path[0];
	throw new Failure('usage', issue?.message ?? 'The request is not valid', {
		...(field === undefined ? {} : {field: String(field)}),
		hint,
	});
}

/** As `checked`, of a change: of nothing it is a mistake. @throws {Failure} usage */
export function checkedChange<Schema extends z.ZodType>(
	schema: Schema,
	members: Readonly<Record<string, unknown>>,
	hint: string,
): z.input<Schema> {
	const body = checked(schema, members, hint);
	if (Object.keys(body as object).length > 0) return body;
	throw new Failure('usage', 'Nothing to change', {hint});
}

/** The one argument of a command. @throws {Failure} usage */
export function onlyArgument(
	{positionals, usage}: Pick<LocalContext, 'positionals' | 'usage'>,
	what: string,
): string {
	const [first, ...others] = positionals;
	if (first !== undefined && first !== '' && others.length === 0) return first;
	throw new Failure('usage', first === undefined ? `Which ${what}?` : `One ${what} at a time`, {
		hint: `It is the argument: \`${usage}\`.`,
	});
}
