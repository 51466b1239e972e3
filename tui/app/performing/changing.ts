import {revokeEach} from '../../api-keys/revoke-each.ts';
import type {Input} from '../../client/request.ts';
import type {Change} from '../effect.ts';
import type {Performers} from './performer.ts';

const {randomUUID} = process.getBuiltinModule('node:crypto');

/* What changes something on the server. */

const requestKeys = new WeakMap<Change, string>();

/** What a change is asked for by: the same one again, where it was not known whether it was made. */
function requestKey(change: Change): string {
	const known = requestKeys.get(change) ?? randomUUID();
	requestKeys.set(change, known);
	return known;
}

export const changing: Performers<'change' | 'revokeKeys' | 'testWebhook'> = {
	async change({change}, {client}, emit) {
		// `changeOf` has checked the input against the route.
		const input = change.input as Input<typeof change.route>;
		const idempotencyKey = requestKey(change);
		const answer = await client.call(change.route, {...input, idempotencyKey});
		const body = answer.body as Readonly<Record<string, unknown>>;
		const revocation = answer.headers['latchkey-revocation'];
		const where = typeof revocation === 'string' ? {revocation} : {};
		emit({type: 'changed', change, body, ...where});
	},
	async revokeKeys({organisation, keys, query}, {client}, emit) {
		let done = 0;
		const outcomes = await revokeEach(
			client,
			organisation,
			keys,
			() => emit({type: 'keysRevoking', done: ++done}),
			query as Input<'revokeKey'>['query'],
		);
		emit({type: 'keysRevoked', outcomes});
	},
	async testWebhook({organisation: org_id, endpoint, eventType}, {client}, emit) {
		const asked = {org_id, webhook_id: endpoint.id, body: {event_type: eventType}};
		const {body} = await client.call('testWebhook', asked);
		emit({type: 'webhookTested', endpoint, result: body});
	},
};
