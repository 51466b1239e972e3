import type {Delivery, Endpoint} from '../../../../contract/webhooks.ts';
import {changeOf} from '../../../app/effect.ts';
import type {ConfirmScreen} from '../../kinds/confirm/screen.ts';
import {say} from '../../../app/navigation.ts';
import type {Model, Step} from '../../../app/model.ts';
import {clean} from '../../../text/clean.ts';
import {ago, moment, due} from '../../../text/time.ts';
import {newConfirmScreen} from '../../kinds/confirm/state.ts';
import {endpointName} from '../deliveries/names.ts';
import {nameOf} from '../endpoints/names.ts';
import {managing} from '../endpoints/start.ts';
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
			name: 'replay',
			kept: 'nothing was sent',
			undo: 'A receiver that remembers each webhook-id takes it only once.',
			title: 'replay',
			question: `Send ${clean(type)} to ${name} again?`,
			facts: [
				[`webhook-id ${clean(event)}, the same as before`, 'dim'],
				['', 'plain'],
				[`It was first sent ${ago(at, now)} (${moment(at)}).`, 'plain'],
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
	);
}
