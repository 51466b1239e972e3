import {changeEach, type WhyChanged} from '../../api-keys/change-each.ts';
import {keysLeftIn} from '../../api-keys/left.ts';
import {askEach} from '../../client/each.ts';
import type {Input} from '../../client/request.ts';
import type {Change, Effect} from '../effect.ts';
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

function whyChanged({query, reason}: Extract<Effect, {do: 'changeKeys'}>): WhyChanged {
	return {
		...(query === undefined ? {} : {query: query as Input<'revokeKey'>['query']}),
		...(reason === undefined ? {} : {reason}),
	};
}

export const changing: Performers<'change' | 'changeKeys' | 'changeRows' | 'testWebhook'> = {
	async change({change}, {client}, emit) {
		// `changeOf` has checked the input against the route.
		const input = change.input as Input<typeof change.route>;
		const idempotencyKey = requestKey(change);
		const answer = await client.call(change.route, {...input, idempotencyKey});
		const body = answer.body as Readonly<Record<string, unknown>>;
		const revocation = answer.headers['latchkey-revocation'];
		const where = typeof revocation === 'string' ? {revocation} : {};
		const keysLeft = keysLeftIn(answer);
		const left = keysLeft === undefined ? {} : {keysLeft};
		emit({type: 'changed', change, body, ...where, ...left});
	},
	async changeKeys(effect, {client}, emit) {
		let done = 0;
		const outcomes = await changeEach(
			client,
			effect.what,
			effect.keys,
			() => emit({type: 'keysChanging', done: ++done}),
			whyChanged(effect),
		);
		emit({type: 'keysChanged', of: effect, outcomes});
	},
	async changeRows(of, {client}, emit) {
		let done = 0;
		let keysLeft = 0;
		const outcomes = await askEach(
			of.rows,
			async ({route, input}) => {
				// `rowChange` has checked the input against the route.
				const answer = await client.call(route, input as Input<typeof route>);
				keysLeft += keysLeftIn(answer) ?? 0;
			},
			() => emit({type: 'keysChanging', done: ++done}),
		);
		emit({type: 'rowsChanged', of, outcomes, keysLeft});
	},
	async testWebhook({organisation: org_id, endpoint, eventType}, {client}, emit) {
		const asked = {org_id, webhook_id: endpoint.id, body: {event_type: eventType}};
		const {body} = await client.call('testWebhook', asked);
		emit({type: 'webhookTested', endpoint, result: body});
	},
};
