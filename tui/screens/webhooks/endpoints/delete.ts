import type {Endpoint} from '../../../../contract/webhooks.ts';
import {changeOf} from '../../../app/effect.ts';
import type {ConfirmScreen} from '../../kinds/confirm/screen.ts';
import {clean} from '../../../text/clean.ts';
import {ago} from '../../../text/time.ts';
import {newConfirmScreen} from '../../kinds/confirm/state.ts';
import {hostOf, nameOf} from './names.ts';

/** Deleting takes the deliveries along, so it asks for the host. */
export function newDeleteWebhookScreen(
	endpoint: Endpoint,
	organisation: string,
	now: number,
): ConfirmScreen {
	const host = hostOf(endpoint);
	const {last_success_at: last} = endpoint;
	return newConfirmScreen(
		{
			name: 'deleteWebhook',
			kept: 'no endpoint was deleted',
			title: 'delete',
			question: `Delete the endpoint ${nameOf(endpoint)}?`,
			facts: [
				[clean(endpoint.url), 'dim'],
				['', 'plain'],
				[
					last === null ? 'It has never received anything.' : `It last received ${ago(last, now)}.`,
					'plain',
				],
				[
					'Waiting deliveries are never sent, and the record of its deliveries and attempts is deleted, too.',
					'warning',
				],
				['Disabling it (d) keeps them, and what it misses can be sent later.', 'plain'],
			],
			verb: 'Delete',
			busyText: 'Deleting …',
			word: host,
			ask: 'To delete it, type',
		},
		changeOf(
			'deleteWebhook',
			{org_id: organisation, webhook_id: endpoint.id},
			{done: `Deleted the endpoint ${nameOf(endpoint)}`, reload: 'webhooks'},
		),
	);
}
