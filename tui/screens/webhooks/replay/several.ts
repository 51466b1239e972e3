import type {Delivery} from '../../../../contract/webhooks.ts';
import {rowChange} from '../../../app/effect.ts';
import type {Model, Step} from '../../../app/model.ts';
import {startSeveral} from '../../kinds/list/several.ts';
import {endpointName} from '../deliveries/names.ts';
import {manages, mayNot} from '../endpoints/start.ts';

/** Asks before the events of the deliveries that are marked are sent again. */
export function replaySeveral(model: Model, marked: readonly Delivery[], now: number): Step {
	const org_id = manages(model);
	if (org_id === undefined) return [mayNot(model, now)];
	const isDisabled = ({endpoint_id: id}: Delivery) =>
		model.webhooks.items.some((endpoint) => endpoint.id === id && endpoint.status === 'disabled');
	const some = marked.filter((delivery) => !isDisabled(delivery));
	const several = {
		rows: some.map((delivery) => {
			const {id, event_type: type, key} = delivery;
			const about = key === null ? '' : ` of ${key.name}`;
			const name = `${type}${about} to ${endpointName(model, delivery)}`;
			return rowChange({id, name}, 'replayDelivery', {org_id, delivery_id: id});
		}),
		words: {doing: 'Sending', done: 'sent', did: 'Sent again', nouns: ['delivery', 'deliveries']},
		verb: 'Send again',
		facts: [],
		undo: 'Each keeps its webhook-id, so a receiver that remembers those takes it only once.',
		spared: [
			{count: marked.length - some.length, why: 'to a disabled endpoint, which gets nothing'},
		],
	} as const;
	return startSeveral(model, 'deliveries', several, now);
}
