import pino, {type DestinationStream, type Logger} from 'pino';
import {createStandardOutput} from './log-pieces.ts';

export type Log = Logger;

/** Members that may hold a secret, by name, wherever a log call might put them. */
const secretMembers = [
	'key',
	'password',
	'current_password',
	'new_password',
	'token',
	'secret',
	'authorization',
	'cookie',
	'access_token',
	'refresh_token',
	'client_secret',
	'setup_token',
	'x-api-key',
];

const redactPaths = secretMembers.flatMap((name) => {
	const member = name.includes('-') ? `["${name}"]` : name;
	const inside = name.includes('-') ? `*["${name}"]` : `*.${name}`;
	return [member, inside];
});

/**
 * Rewrites a finished log line so that no credential is left in it, wherever it stands: in a
 * message, a URL, an error. The first layer (redaction by member name) misses those.
 */
export function createScrubber(keyPrefix: string): (line: string) => string {
	const credentials = new RegExp(
		[
			`${keyPrefix}[0-9A-Za-z]{6,}`,
			'hklrt_[0-9A-Za-z_-]{6,}',
			'lksc_[0-9A-Za-z]{6,}',
			'lk(?:st|in|pw|dc)_[0-9A-Za-z_-]{6,}',
			'whsec_[0-9A-Za-z+/=_-]{6,}',
			// a JWT, whole or cut off
			'eyJ[0-9A-Za-z_-]{8,}(?:\\.[0-9A-Za-z_-]*){0,2}',
			// user:password@ of a URL; the first colon ends the user, so that there is one way to read it
			'(?<=://)[^\\s/@":]*:[^\\s/@"]*(?=@)',
		].join('|'),
		'g',
	);
	const percentEncoded = new RegExp(`${keyPrefix.slice(0, -1)}%5[fF][0-9A-Za-z]{6,}`, 'g');
	return (line) => line.replace(credentials, '[secret]').replace(percentEncoded, '[secret]');
}

/**
 * The log of a program: JSON lines with UTC times, to standard output unless told otherwise.
 * Two layers keep credentials out: members by name, and every finished line by shape.
 */
export function createLog(
	config: {program: string; logLevel: string; keyPrefix: string},
	destination?: DestinationStream,
): Log {
	const scrub = createScrubber(config.keyPrefix);
	return pino(
		{
			level: config.logLevel,
			base: {program: config.program, pid: process.pid},
			timestamp: pino.stdTimeFunctions.isoTime,
			formatters: {level: (level) => ({level})},
			redact: {paths: redactPaths, censor: '[secret]'},
			serializers: {error: serialiseError},
			hooks: {streamWrite: scrub},
		},
		destination ?? createStandardOutput((count) => noteOfLoss(config.program, count)),
	);
}

function noteOfLoss(program: string, count: number): string {
	const time = new Date().toISOString();
	const line = {level: 'warn', time, program, pid: process.pid, count, msg: 'log lines were lost'};
	return `${JSON.stringify(line)}\n`;
}

/**
 * What of an error is logged. A database error's message may hold the SQL with its values, its
 * `detail` the row: only what names the fault is kept of those.
 */
function serialiseError(error: unknown): unknown {
	if (!(error instanceof Error)) return {type: typeof error};
	const code = 'code' in error ? String(error.code) : undefined;
	const fromDatabase = 'severity' in error || 'routine' in error;
	return {
		type: error.name,
		...(code === undefined ? {} : {code}),
		message: fromDatabase ? `database error ${code ?? ''}`.trim() : error.message,
		...('constraint' in error ? {constraint: error.constraint} : {}),
		stack: fromDatabase ? frames(error.stack) : error.stack,
		...(error.cause === undefined ? {} : {cause: serialiseError(error.cause)}),
	};
}

/** The stack without its first lines, which repeat the message. */
function frames(stack: string | undefined): string | undefined {
	return stack
		?.split('\n')
		.filter((line) => /^\s+at /.test(line))
		.join('\n');
}

/**
 * Writes finished lines for the one place that cannot afford an object each: no member is redacted
 * and no text scrubbed, so a line may hold only what this process made itself.
 *
 * @returns undefined when lines of that level are not written
 */
export function createLineWriter(
	log: Log,
	level: 'debug' | 'info' | 'warn',
): ((members: string) => void) | undefined {
	if (!log.isLevelEnabled(level)) return undefined;
	const stream = (log as unknown as Record<symbol, DestinationStream>)[pino.symbols.streamSym];
	const {program} = log.bindings();
	const head = `{"level":"${level}","time":"`;
	const tail = `","program":"${program}","pid":${process.pid},`;
	let at = 0;
	let start = '';
	return (members) => {
		const now = Date.now();
		if (now !== at) {
			at = now;
			start = head + new Date(now).toISOString() + tail;
		}
		stream?.write(`${start}${members}}\n`);
	};
}
