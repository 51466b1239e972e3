import type {Delivery} from '../../../../contract/webhooks.ts';
import type {DeliveryScreen} from './screen.ts';
import type {Answer, Effect, Event} from '../../../app/effect.ts';
import {may, push, setTop} from '../../../app/navigation.ts';
import type {Model, Step} from '../../../app/model.ts';
import {reasonOf} from '../../../failure.ts';

/** How often a delivery that has not ended is read again, ms. */
const refreshEvery = 5000;

export function openDelivery(model: Model, delivery: Delivery): Step {
	const screen: DeliveryScreen = {
		type: 'delivery',
		delivery,
		loading: false,
		nextAt: 0,
		offset: 0,
	};
	return readDelivery(push(model, screen), screen);
}

/** Reads it anew, for those who may see what was sent and answered. */
export function readDelivery(model: Model, screen: DeliveryScreen): Step {
	const organisation = model.organisation?.id;
	if (organisation === undefined || screen.loading || !may(model, 'webhooks:inspect')) {
		return [model];
	}
	const effect: Effect = {do: 'readDelivery', organisation, id: screen.delivery.id};
	return [setTop(model, {...screen, loading: true}), effect];
}

/** Once a second: what has ended does not change any more. */
export function readOnceDue(model: Model, screen: DeliveryScreen, now: number): Step {
	const isOver = screen.detail !== undefined && screen.detail.finished_at !== null;
	return isOver || now < screen.nextAt ? [model] : readDelivery(model, screen);
}

/** What was read of the delivery on the screen, or why nothing could be. */
export function hearOfDelivery(
	screen: DeliveryScreen,
	event: Answer | Extract<Event, {type: 'failed'}>,
	now: number,
): DeliveryScreen {
	const {id} = screen.delivery;
	if (event.type === 'deliveryRead' && event.detail.id === id) {
		return known(screen, now, {delivery: event.detail, detail: event.detail});
	}
	if (event.type !== 'failed') return screen;
	const {effect, failure} = event;
	const isAbout = effect.do === 'readDelivery' && effect.id === id;
	return isAbout ? known(screen, now, {problem: reasonOf(failure)}) : screen;
}

function known(
	screen: DeliveryScreen,
	now: number,
	news: Pick<DeliveryScreen, 'delivery' | 'detail'> | {problem: string},
): DeliveryScreen {
	const {problem: _, ...rest} = screen;
	return {...rest, ...news, loading: false, nextAt: now + refreshEvery};
}
