import {allowed} from '../../../app/guards.ts';
import type {Model, Step} from '../../../app/model.ts';
import {applyFilter} from '../../kinds/list/filtering.ts';
import {openDeliveries} from '../../webhooks/deliveries/open.ts';
import {deliveriesSpec} from '../../webhooks/deliveries/spec.ts';

/** What was sent to webhooks about a key. */
export function openDeliveriesAbout(model: Model, id: string, now: number): Step {
	const refusal = 'Your role may not look at webhooks';
	return allowed(model, now, 'webhooks:read', refusal, () => {
		const [opened, ...effects] = openDeliveries(model);
		const [filtered, ...more] = applyFilter(opened, deliveriesSpec, `key:${id}`, now);
		return [filtered, ...effects, ...more];
	});
}
