import type {Attempt, Delivery} from '../../../../contract/webhooks.ts';
import type {DeliveryScreen} from './screen.ts';
import type {Model} from '../../../app/model.ts';
import {may} from '../../../app/navigation.ts';
import {factsOf} from '../../../components/facts.ts';
import type {Part} from '../../../components/line.tsx';
import {clean} from '../../../text/clean.ts';
import {plural} from '../../../text/plural.ts';
import {ago, due, moment} from '../../../text/time.ts';
import {wrap} from '../../../text/width.ts';
import {endpointName} from '../deliveries/names.ts';
import {statusOf} from '../deliveries/status.ts';
import {isPaused} from '../endpoints/state-of.ts';
import {answerLines, heading, outcomeOf, payloadLines, timingOf} from './exchange.ts';

type Lines = (readonly Part[])[];

/** What is known of a delivery without its attempts, as label and value lines. */
export function deliveryFacts(
	delivery: Delivery,
	model: Model,
	width: number,
	url?: string,
): Lines {
	const {lines, add} = factsOf(width);
	const {now} = model;
	const when = (timestamp: string) => `${moment(timestamp)}, ${ago(timestamp, now)}`;
	add('Event', clean(delivery.event_type), 'strong');
	add('webhook-id', clean(delivery.event_id));
	add('To', url === undefined ? endpointName(model, delivery) : clean(url));
	if (delivery.key !== null) add('Key', `${clean(delivery.key.name)}  ${delivery.key.id}`);
	const [status, role] = statusOf(delivery);
	add('Status', `${status}${delivery.replay === 0 ? '' : ` (replay ${delivery.replay})`}`, role);
	add('Attempts', String(delivery.attempts));
	if (delivery.last_error !== null) add('Last error', clean(delivery.last_error), 'bad');
	add('Created', when(delivery.created_at));
	if (delivery.finished_at !== null) add('Ended', when(delivery.finished_at));
	const at = delivery.next_attempt_at;
	if (at === null) return lines;
	add('Next try', `${due(at, now)}, ${moment(at)}`, 'warning');
	const endpoint = model.webhooks.items.find(({id}) => id === delivery.endpoint_id);
	if (endpoint !== undefined && isPaused(endpoint, now)) {
		add('', 'The endpoint is paused: one attempt every 30 seconds until one succeeds.');
	}
	return lines;
}

/** A delivery: what became of it, and each attempt. */
export function deliveryLines(screen: DeliveryScreen, model: Model, width: number): Lines {
	const {delivery, detail, problem} = screen;
	const facts = deliveryFacts(delivery, model, width, detail?.url);
	if (detail === undefined) return [[], ...facts, ...withoutDetail(model, problem, width)];
	const {log} = detail;
	const stale: Lines = problem === undefined ? [] : sentence(`! ${clean(problem)}`, width, 'bad');
	return [
		[],
		...facts,
		...stale,
		...heading(plural(log.length, ['attempt', 'attempts']), width),
		...(log.length === 0 ? sentence('none yet', width, 'dim') : []),
		...log.flatMap((attempt) => attemptLines(attempt, width)),
	];
}

/** What came back last, and what was sent; nothing while that is not known. */
export function exchangeLines({detail}: DeliveryScreen, width: number): Lines {
	if (detail === undefined) return [];
	const last = detail.log.at(-1);
	return [
		...(last === undefined ? [] : answerLines(last, width)),
		...heading('payload', width),
		...payloadLines(detail.payload, width),
	];
}

function attemptLines(attempt: Attempt, width: number): Lines {
	const {number, started_at: at, detail, address} = attempt;
	const [outcome, role] = outcomeOf(attempt);
	const more = [
		timingOf(attempt.timings),
		...(address === null ? [] : [clean(address)]),
		...(detail === null ? [] : [clean(detail)]),
	].join(' · ');
	return [
		[[`${String(number).padStart(3)}  ${moment(at)}  `], [outcome, role]],
		...wrap(more, width - 5).map((line): Part[] => [['     '], [line, 'dim']]),
	];
}

/** Why there is no more than this, in words. */
function withoutDetail(model: Model, problem: string | undefined, width: number): Lines {
	if (!may(model, 'webhooks:inspect')) {
		const role = model.me?.role ?? null;
		const whose = role === null ? '' : `; your role here is ${clean(role)}`;
		const text = `What was sent and what the receiver answered is for owners and admins${whose}.`;
		return [[], ...sentence(text, width, 'warning')];
	}
	if (problem === undefined) return [[], ...sentence('loading …', width, 'dim')];
	return [
		[],
		...sentence(`! ${clean(problem)}`, width, 'bad'),
		...sentence('R tries again.', width),
	];
}

function sentence(text: string, width: number, role: Part[1] = 'plain'): Lines {
	return wrap(text, width).map((line): Part[] => [[line, role]]);
}
