import type {Delivery, Endpoint} from '../../../contract/webhooks.ts';
import {changeOf} from '../../app/change.ts';
import {
	type ConfirmScreen,
	type Event,
	type Model,
	type Replay,
	say,
	setTop,
	type Step,
	top,
} from '../../app/model.ts';
import {reduceForm} from '../../components/form/state.ts';
import {clean} from '../../text/clean.ts';
import {plural} from '../../text/plural.ts';
import {ago, moment, due} from '../../text/time.ts';
import {newConfirmScreen} from '../confirm/state.ts';
import {endpointName} from '../deliveries/names.ts';
import {nameOf} from '../webhooks/names.ts';
import {managing} from '../webhooks/start.ts';
import {newReplayManyForm} from './form.ts';

/** Asks whether to send the event of one delivery again. */
export function startReplay(model: Model, delivery: Delivery, now: number): Step {
	const endpoint = model.webhooks.items.find(({id}) => id === delivery.endpoint_id);
	if (endpoint?.status === 'disabled') return [disabled(model, endpoint, now)];
	return managing(model, now, (organisation) =>
		newReplayScreen(delivery, endpointName(model, delivery), organisation, now),
	);
}

/** Asks which of the events of an endpoint to send again. */
export function startReplayMany(model: Model, id: string | undefined, now: number): Step {
	if (id === undefined) {
		return [say(model, now, 'Choose an endpoint first: enter on it, under webhooks', 'warning')];
	}
	const endpoint = model.webhooks.items.find((item) => item.id === id);
	if (endpoint?.status === 'disabled') return [disabled(model, endpoint, now)];
	return managing(model, now, () => newReplayManyForm(id));
}

function disabled(model: Model, endpoint: Endpoint, now: number): Model {
	return say(
		model,
		now,
		`${nameOf(endpoint)} is disabled: d enables it, under webhooks`,
		'warning',
	);
}

function newReplayScreen(
	delivery: Delivery,
	name: string,
	organisation: string,
	now: number,
): ConfirmScreen {
	const {event_type: type, event_id: event, created_at: at, next_attempt_at: next} = delivery;
	return newConfirmScreen(
		{
			title: 'replay',
			question: `Send ${clean(type)} to ${name} again?`,
			facts: [
				[`webhook-id ${clean(event)}, the same as before`, 'dim'],
				['', 'plain'],
				[`It was first sent ${ago(at, now)} (${moment(at)}).`, 'plain'],
				['A receiver that keeps each webhook-id takes it once.', 'plain'],
				...(next === null
					? []
					: ([[`It is tried again anyway, ${due(next, now)}.`, 'warning']] as const)),
			],
			verb: 'Send again',
			busyText: 'Sending …',
		},
		changeOf(
			'replayDelivery',
			{org_id: organisation, delivery_id: delivery.id},
			{done: `${clean(type)} is sent to ${name} again`, reload: 'deliveries'},
		),
		now,
	);
}

/** Many have been counted: how many is said before anything is sent. */
export function replayCounted(
	model: Model,
	{endpoint, replay, count}: Extract<Event, {type: 'replayCounted'}>,
	now: number,
): Model {
	const screen = top(model);
	const isAsked = screen.type === 'form' && screen.name === 'replayMany' && screen.id === endpoint;
	const {organisation} = model;
	if (!isAsked || !screen.form.busy || organisation === undefined) return model;
	if (count === 0) {
		const problem = 'There is none of these. Nothing was sent.';
		const form = reduceForm(screen.form, {type: 'refused', problem}, () => ({}));
		return setTop(model, {...screen, form});
	}
	const name = endpointName(model, {endpoint_id: endpoint});
	return setTop(model, newReplayManyScreen({endpoint, replay, count, name}, organisation.id, now));
}

/** The most that the API sends again at once. */
const mostReplayed = 10_000;

const meanings: Record<Replay['which'], string> = {
	dead: 'they were sent and never received',
	missing: 'they were never sent to it',
	all: 'received or not: it gets those it has once more',
};

function newReplayManyScreen(
	asked: {endpoint: string; replay: Replay; count: number; name: string},
	organisation: string,
	now: number,
): ConfirmScreen {
	const {endpoint, replay, count, name} = asked;
	const events = plural(count, ['event', 'events']);
	return newConfirmScreen(
		{
			title: 'replay',
			question: `Send ${events} to ${name} again?`,
			facts: [
				[
					`${replay.event_type ?? 'every type'}, since ${moment(replay.since)} (${ago(replay.since, now)})`,
					'dim',
				],
				['', 'plain'],
				[
					`${count === 1 ? 'It is' : 'They are'} what is ${replay.which}: ${meanings[replay.which]}.`,
					'plain',
				],
				['Each keeps its webhook-id; the oldest comes first.', 'plain'],
				...(count < mostReplayed
					? []
					: ([['There may be more: this is the most at once.', 'warning']] as const)),
			],
			verb: 'Send again',
			busyText: 'Sending …',
			word: `replay ${count}`,
			ask: 'To send them again, type',
		},
		changeOf(
			'replayDeliveries',
			{org_id: organisation, webhook_id: endpoint, body: replay},
			{done: `${events} on the way to ${name}`, reload: 'deliveries'},
		),
		now,
	);
}
