import type {Attempt, Delivery} from '../../../contract/webhooks.ts';
import type {DeliveryScreen, Model} from '../../app/model.ts';
import {may} from '../../app/model.ts';
import {factsOf} from '../../components/facts.ts';
import type {Part} from '../../components/line.tsx';
import {clean} from '../../text/clean.ts';
import {ago, moment, due} from '../../text/time.ts';
import {wrap} from '../../text/width.ts';
import {endpointName} from '../deliveries/names.ts';
import {statusOf} from '../deliveries/status.ts';
import {answerLines, heading, outcomeOf, payloadLines, timingOf} from './exchange.ts';

type Lines = (readonly Part[])[];

/** A delivery: what became of it, each attempt, what was sent and what came back. */
export function deliveryLines(screen: DeliveryScreen, model: Model, width: number): Lines {
	const {delivery, detail, problem} = screen;
	const {lines, add} = factsOf(width);
	const {now} = model;
	const when = (timestamp: string) => `${moment(timestamp)}, ${ago(timestamp, now)}`;
	add('Event', clean(delivery.event_type), 'strong');
	add('webhook-id', clean(delivery.event_id));
	add('To', detail === undefined ? endpointName(model, delivery) : clean(detail.url));
	const [status, role] = statusOf(delivery);
	add('Status', `${status}${delivery.replay === 0 ? '' : ` (replay ${delivery.replay})`}`, role);
	add('Created', when(delivery.created_at));
	if (delivery.finished_at !== null) add('Ended', when(delivery.finished_at));
	if (delivery.next_attempt_at !== null) {
		const at = delivery.next_attempt_at;
		add('Next try', `${due(at, now)}, ${moment(at)}`, 'warning');
	}
	if (detail === undefined)
		return [[], ...lines, ...withoutDetail(delivery, model, problem, width)];
	const stale: Lines = problem === undefined ? [] : sentence(`! ${clean(problem)}`, width, 'bad');
	const last = detail.log.at(-1);
	return [
		[],
		...lines,
		...stale,
		...heading(detail.log.length === 1 ? '1 attempt' : `${detail.log.length} attempts`, width),
		...(detail.log.length === 0 ? [[['none yet', 'dim']] as Part[]] : []),
		...detail.log.flatMap((attempt) => attemptLines(attempt, width)),
		...(last === undefined ? [] : answerLines(last, width)),
		...heading('payload', width),
		...payloadLines(detail.payload, width),
	];
}

function attemptLines(attempt: Attempt, width: number): Lines {
	const {number, started_at: at, detail, address} = attempt;
	const number_ = `${number}`.padStart(3);
	const [outcome, role] = outcomeOf(attempt);
	const more = [
		timingOf(attempt.timings),
		...(address === null ? [] : [clean(address)]),
		...(detail === null ? [] : [clean(detail)]),
	].join(' · ');
	return [
		[[`${number_}  ${moment(at)}  `], [outcome, role]],
		...wrap(more, width - 5).map((line): Part[] => [['     '], [line, 'dim']]),
	];
}

/** Why there is no more than this, in words. */
function withoutDetail(
	{last_error: error, attempts}: Delivery,
	model: Model,
	problem: string | undefined,
	width: number,
): Lines {
	const tries = `${attempts === 1 ? '1 attempt' : `${attempts} attempts`} so far`;
	const known = error === null ? tries : `${tries}; the last one: ${clean(error)}`;
	if (!may(model, 'webhooks:inspect')) {
		const role = model.me?.role;
		const refusal = `What was sent and what the receiver answered is for owners and admins${role === null || role === undefined ? '' : `; your role here is ${clean(role)}`}.`;
		return [[], ...sentence(known, width), [], ...sentence(refusal, width, 'warning')];
	}
	if (problem === undefined) return [[], [['loading …', 'dim']]];
	return [
		[],
		...sentence(`! ${clean(problem)}`, width, 'bad'),
		...sentence('R tries again.', width),
	];
}

function sentence(text: string, width: number, role: Part[1] = 'plain'): Lines {
	return wrap(text, width).map((line): Part[] => [[line, role]]);
}
