import {type EventType, eventTypeNames, eventTypes} from '../../../contract/events.ts';
import type {Endpoint} from '../../../contract/webhooks.ts';
import type {ChoiceScreen} from '../../app/model.ts';
import {newChoiceScreen} from '../choice/state.ts';
import {nameOf} from '../webhooks/names.ts';

const plain: EventType = 'webhook.test';

/** Which example is sent; the one that means nothing comes first. */
export function newTestChoice(endpoint: Endpoint, organisation: string): ChoiceScreen {
	const types = [plain, ...eventTypeNames.filter((type) => type !== plain)];
	return newChoiceScreen({
		title: 'test',
		heading: `Send a test to ${nameOf(endpoint)}: once, now, marked as a test`,
		options: types.map((eventType) => ({
			label: eventType,
			meaning: eventTypes[eventType].summary.split(/[;,]/u)[0] ?? '',
			act: {do: 'testWebhook', organisation, endpoint, eventType},
		})),
	});
}
