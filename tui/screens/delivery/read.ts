import type {Delivery, DeliveryDetail} from '../../../contract/webhooks.ts';
import {
	type DeliveryScreen,
	type Effect,
	may,
	type Model,
	push,
	setTop,
	type Step,
} from '../../app/model.ts';

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
export function deliveryTick(model: Model, screen: DeliveryScreen, now: number): Step {
	const isOver = screen.detail !== undefined && screen.detail.finished_at !== null;
	return isOver || now < screen.nextAt ? [model] : readDelivery(model, screen);
}

export function deliveryRead(model: Model, detail: DeliveryDetail, now: number): Model {
	return settled(model, detail.id, now, {delivery: detail, detail});
}

export function deliveryFailed(model: Model, id: string, problem: string, now: number): Model {
	return settled(model, id, now, {problem});
}

function settled(
	model: Model,
	id: string,
	now: number,
	known: Pick<DeliveryScreen, 'delivery' | 'detail'> | {problem: string},
): Model {
	const screens = model.screens.map((screen) => {
		if (screen.type !== 'delivery' || screen.delivery.id !== id) return screen;
		const {problem: _, ...rest} = screen;
		return {...rest, ...known, loading: false, nextAt: now + refreshEvery};
	});
	return {...model, screens};
}
