import {type EventType, eventTypeNames, eventTypes} from '../../../../contract/events.ts';
import type {Endpoint} from '../../../../contract/webhooks.ts';
import type {ChoiceScreen} from '../../kinds/choice/screen.ts';
import {newChoiceScreen} from '../../kinds/choice/state.ts';
import {nameOf} from '../endpoints/names.ts';

const plain: EventType = 'webhook.test';

/** Which example is sent; the plain test event comes first. */
export function newTestChoice(endpoint: Endpoint, organisation: string): ChoiceScreen {
	const types = [plain, ...eventTypeNames.filter((type) => type !== plain)];
	return newChoiceScreen({
		name: 'testWebhook',
		kept: 'nothing was sent',
		title: 'test',
		heading: `Send a test to ${nameOf(endpoint)}: once, now, marked as a test`,
		options: types.map((eventType) => ({
			label: eventType,
			meaning: eventTypes[eventType].summary.split(/[;,]/u)[0] ?? '',
			act: {do: 'testWebhook', organisation, endpoint, eventType},
		})),
	});
}
