import {changing} from '../../app/common-commands.ts';
import {canChange, type DeliveryScreen, may, say} from '../../app/model.ts';
import {copyId} from '../keys/state.ts';
import type {PageSpec} from '../page/spec.ts';
import {startReplay} from '../replay/state.ts';
import {deliveryLines} from './lines.ts';

export const deliveryPage: PageSpec<DeliveryScreen, 'delivery'> = {
	title: ({delivery}) => delivery.event_type,
	context: 'delivery',
	lines: deliveryLines,
	unavailable: ({detail}, model) => [
		...(canChange(model) && may(model, 'webhooks:manage') ? [] : (['replay'] as const)),
		...(detail === undefined ? (['copyPayload'] as const) : []),
	],
	run(model, {delivery, detail}, command, now) {
		switch (command) {
			case 'replay':
				return changing(model, now, () => startReplay(model, delivery, now));
			case 'copy':
				return copyId(model, delivery.id, now);
			case 'copyPayload':
				if (detail === undefined) return [say(model, now, 'The payload is not here to copy')];
				return [
					say(model, now, "Sent the payload to the terminal's clipboard"),
					{do: 'copy', text: detail.payload},
				];
		}
	},
};
