import type {Endpoint} from '../../../../contract/webhooks.ts';
import {rowChange} from '../../../app/effect.ts';
import type {Model, Step} from '../../../app/model.ts';
import {startSeveral} from '../../kinds/list/several.ts';
import {nameOf} from './names.ts';
import {manages, mayNot} from './start.ts';

/** Asks before the endpoints that are marked are disabled; each is enabled again by itself. */
export function disableSeveral(model: Model, marked: readonly Endpoint[], now: number): Step {
	const org_id = manages(model);
	if (org_id === undefined) return [mayNot(model, now)];
	const active = marked.filter(({status}) => status !== 'disabled');
	const several = {
		rows: active.map((endpoint) =>
			rowChange({id: endpoint.id, name: nameOf(endpoint)}, 'updateWebhook', {
				org_id,
				webhook_id: endpoint.id,
				body: {status: 'disabled'},
			}),
		),
		words: {
			doing: 'Disabling',
			done: 'disabled',
			did: 'Disabled',
			nouns: ['endpoint', 'endpoints'],
		},
		verb: 'Disable',
		facts: [['Nothing more is sent to them, and waiting deliveries are cancelled.', 'plain']],
		undo: 'd on each enables it again, and offers to send what it missed.',
		spared: [{count: marked.length - active.length, why: 'disabled already'}],
	} as const;
	return startSeveral(model, 'webhooks', several, now);
}
