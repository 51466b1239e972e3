import type {Delivery} from '../../../../contract/webhooks.ts';
import type {Model, Step} from '../../../app/model.ts';
import {say} from '../../../app/navigation.ts';
import {openKey} from '../../keys/key/open.ts';
import {openList} from '../../kinds/list/open.ts';

/* From a delivery to the key that it tells of, and to its endpoint. */

export function openKeyOf(model: Model, {key}: Delivery, now: number): Step {
	if (key !== null) return openKey(model, key.id);
	return [say(model, now, 'This event is not about a key')];
}

export function openEndpointOf(model: Model, {endpoint_id: id}: Delivery): Step {
	return openList(model, 'webhooks', id);
}
