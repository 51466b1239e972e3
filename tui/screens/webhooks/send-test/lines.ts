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

/** How a test went, and what was sent, for whoever writes a receiver. */
export function testLines(result: TestResult, width: number): (readonly Part[])[] {
	const {lines, add} = factsOf(width);
	const {request} = result;
	const [outcome, role] = outcomeOf(result);
	add('Result', outcome, role);
	if (result.detail !== null) add('', clean(result.detail));
	add('Address', clean(result.address ?? 'no connection was made'));
	add('Timing', timingOf(result.timings));
	return [
		[],
		...lines,
		...answerLines(result, width),
		...heading('the text that was signed', width),
		...verbatim(request.signed_text, width).map((line): Part[] => [[line]]),
		...heading('headers that were sent', width),
		...headerLines(request.headers, width),
		...heading('body that was sent', width),
		...payloadLines(request.body, width),
	];
}
