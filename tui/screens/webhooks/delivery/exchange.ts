import type {AttemptResult, TestResult, Timings} from '../../../../contract/webhooks.ts';
import type {Part} from '../../../components/line.tsx';
import {block} from '../../../text/block.ts';
import {clean} from '../../../text/clean.ts';
import {wrap} from '../../../text/width.ts';

/** How one request to a receiver went: of an attempt, or of a test. */
type Exchange = Omit<TestResult, 'request'>;

const meanings: Record<AttemptResult, string> = {
	succeeded: 'received',
	http: 'answered, but not with 2xx',
	dns: 'the name was not resolved',
	refused: 'no connection',
	tls: 'TLS failed',
	timeout: 'no answer in time',
	reset: 'the connection was cut',
	blocked: 'sending to that address is not allowed',
	unsigned: 'not sent: no signing secret of the endpoint could be decrypted',
};

/** The result in words, with the status where there is one. */
export function outcomeOf({result, status_code: status}: Exchange): Part {
	const known: Readonly<Record<string, string>> = meanings;
	const words = known[result] ?? clean(result);
	const answer = status === null ? '' : `${status} `;
	return result === 'succeeded' ? [`${answer}${words}`, 'good'] : [`x ${answer}${words}`, 'bad'];
}

/** Each part by itself, as far as it came: the API counts each from the beginning. */
export function timingOf(timings: Timings): string {
	const {dns, connect, tls, first_byte: firstByte, total} = timings;
	const parts: string[] = [];
	let before = 0;
	for (const [name, at] of [
		['DNS', dns],
		['connect', connect],
		['TLS', tls],
		['first byte', firstByte],
	] as const) {
		if (at === null) continue;
		parts.push(`${name} ${milliseconds(at - before)}`);
		before = at;
	}
	return [...parts, `total ${milliseconds(total)}`].join(' · ');
}

export function milliseconds(value: number): string {
	return `${(Math.round(Math.max(0, value) * 10) / 10).toLocaleString('en')} ms`;
}

/** What a receiver answered, or why that is not known. */
export function answerLines(exchange: Exchange, width: number): (readonly Part[])[] {
	const {response_headers: headers, response_body: body, status_code: status} = exchange;
	if (status === null) return [];
	if (headers === null && body === null) {
		const text =
			'The response is not kept, as the receiver is in a network that was opened (LATCHKEY_WEBHOOK_KEEP_PRIVATE_ANSWERS=1 keeps it).';
		return [
			...heading('the answer', width),
			...wrap(text, width).map((line): Part[] => [[line, 'dim']]),
		];
	}
	return [
		...heading('response headers', width),
		...headerLines(headers ?? {}, width),
		...heading('response body', width),
		...((body ?? '') === '' ? [[['empty', 'dim']] as Part[]] : payloadLines(body ?? '', width)),
	];
}

export function payloadLines(text: string, width: number): Part[][] {
	return block(text, width).map((line): Part[] => [[line]]);
}

export function headerLines(headers: Readonly<Record<string, string>>, width: number): Part[][] {
	return Object.entries(headers).flatMap(([name, value]) =>
		wrap(`${clean(name)}: ${clean(value)}`, width).map((line): Part[] => [[line]]),
	);
}

/** An empty line, and what follows. */
export function heading(text: string, width: number): Part[][] {
	return [[], [[`── ${text} ${'─'.repeat(Math.max(0, width - text.length - 4))}`, 'dim']]];
}
