import type {TestResult} from '../../../../contract/webhooks.ts';
import type {Part} from '../../../components/line.tsx';
import {factsOf} from '../../../components/facts.ts';
import {verbatim} from '../../../text/block.ts';
import {clean} from '../../../text/clean.ts';
import {
	answerLines,
	headerLines,
	heading,
	outcomeOf,
	payloadLines,
	timingOf,
} from '../delivery/exchange.ts';

type Lines = (readonly Part[])[];

/** How a test went: what came of it, and what was answered. */
export function outcomeLines(result: TestResult, width: number): Lines {
	const {lines, add} = factsOf(width);
	const [outcome, role] = outcomeOf(result);
	add('Result', outcome, role);
	if (result.detail !== null) add('', clean(result.detail));
	add('Address', clean(result.address ?? 'no connection was made'));
	add('Timing', timingOf(result.timings));
	return [[], ...lines, ...answerLines(result, width)];
}

/** What was sent, for whoever writes a receiver. */
export function sentLines({request}: TestResult, width: number): Lines {
	return [
		...heading('the text that was signed', width),
		...verbatim(request.signed_text, width).map((line): Part[] => [[line]]),
		...heading('request headers', width),
		...headerLines(request.headers, width),
		...heading('request body', width),
		...payloadLines(request.body, width),
	];
}
