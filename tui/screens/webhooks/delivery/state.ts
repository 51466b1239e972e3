import {deliveryBindings} from './bindings.ts';
import {changing} from '../../../app/guards.ts';
import {copy, copyId} from '../../../app/copy.ts';
import {canChange, may, say} from '../../../app/navigation.ts';
import type {DeliveryScreen} from './screen.ts';
import type {PageSpec} from '../../kinds/page/spec.ts';
import {openEndpointOf, openKeyOf} from '../deliveries/about.ts';
import {startReplay} from '../replay/state.ts';
import {hearOfDelivery, readDelivery, readOnceDue} from './read.ts';
import {deliveryLines, exchangeLines} from './lines.ts';

export const deliveryPage: PageSpec<DeliveryScreen, typeof deliveryBindings> = {
	title: ({delivery}) => delivery.event_type,
	context: deliveryBindings,
	onTick: (model, screen, now, isQuiet) => (isQuiet ? [model] : readOnceDue(model, screen, now)),
	refresh: readDelivery,
	hear: hearOfDelivery,
	lines: (screen, model, width) => [
		...deliveryLines(screen, model, width),
		...exchangeLines(screen, width),
	],
	halves: (screen, model, {left, right}) => [
		deliveryLines(screen, model, left),
		exchangeLines(screen, right),
	],
	unavailable: ({delivery, detail}, model) => [
		...(canChange(model) && may(model, 'webhooks:manage') ? [] : (['replay'] as const)),
		...(detail === undefined ? (['copyPayload'] as const) : []),
		...(delivery.key === null ? (['theKey'] as const) : []),
	],
	run(model, {delivery, detail}, command, now) {
		switch (command) {
			case 'replay':
				return changing(model, now, () => startReplay(model, delivery, now));
			case 'theKey':
				return openKeyOf(model, delivery, now);
			case 'theEndpoint':
				return openEndpointOf(model, delivery);
			case 'copy':
				return copyId(model, delivery.id, now);
			case 'copyPayload':
				if (detail === undefined) return [say(model, now, 'The payload has not been read yet')];
				return copy(model, now, 'the payload', detail.payload);
		}
	},
};
