import type {Delivery} from '../../../../contract/webhooks.ts';
import type {Model} from '../../../app/model.ts';
import {nameOf} from '../endpoints/names.ts';

/** The host of a delivery's endpoint; before the endpoints are read, the end of its id. */
export function endpointName({webhooks}: Model, {endpoint_id: id}: Pick<Delivery, 'endpoint_id'>) {
	const endpoint = webhooks.items.find((item) => item.id === id);
	return endpoint === undefined ? `…${id.slice(-8)}` : nameOf(endpoint);
}
