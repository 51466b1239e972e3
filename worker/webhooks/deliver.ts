import {bySystem} from '../../core/actor.ts';
import {SealError} from '../../core/secrets/errors.ts';
import {finish, type Ending, type DeliveryOutcome} from '../../core/webhooks/deliveries/finish.ts';
import {openHeaders} from '../../core/webhooks/endpoints/headers.ts';
import {messageOf} from '../../core/webhooks/sending/message.ts';
import {begin, undo, type Due, type Task} from '../../core/webhooks/deliveries/queue.ts';
import {openWebhookSecrets} from '../../core/webhooks/endpoints/secrets.ts';
import {notSent, send, type SendOptions, type Sent} from '../../core/webhooks/sending/send.ts';
import type {WorkerDeps} from '../deps.ts';

const by = bySystem('worker');

/**
 * One attempt of a delivery, from the queue to its place in the log.
 *
 * @param options with a `signal` that cuts attempts off when the worker must end
 */
export async function deliver(
	deps: WorkerDeps,
	options: SendOptions,
	due: Due,
): Promise<DeliveryOutcome> {
	const {db, log, config} = deps;
	const task = await begin(db, due);
	if (task === undefined) return 'stale';
	const sent = await attempt(deps, options, task);
	// Cut off by ourselves: no fault of the receiver's.
	const isCut = sent.statusCode === null && options.signal?.aborted === true;
	if (isCut) await undo(db, task);
	const {outcome, disabled}: Ending = isCut
		? {outcome: 'undone'}
		: await finish(db, by, task, sent, config.webhookRetrySeconds);
	const said = {
		delivery_id: task.id,
		endpoint_id: task.endpoint_id,
		event_id: task.event_id,
		attempt: task.attempt,
		result: sent.result,
		status: sent.statusCode,
		ms: sent.timings.total,
		outcome,
	};
	if (outcome === 'succeeded') log.debug(said, 'webhook delivered');
	else log.info(said, 'webhook not delivered');
	if (disabled !== undefined) {
		log.warn(
			{
				endpoint_id: task.endpoint_id,
				organisation_id: task.organisation_id,
				reason: disabled,
			},
			'webhook endpoint disabled',
		);
	}
	return outcome;
}

async function attempt({vault, log}: WorkerDeps, options: SendOptions, task: Task): Promise<Sent> {
	const {event_id: id, organisation_id: organisationId, endpoint_id, url, payload} = task;
	const keys = openWebhookSecrets(vault, task.secrets ?? [], (error, secretId) =>
		log.error({error, endpoint_id, secret_id: secretId}, 'a webhook secret cannot be opened'),
	);
	// Retried on the schedule like every failure: replacing the secret mends it.
	if (keys.length === 0) {
		return notSent({result: 'unsigned', detail: 'no secret can be read: rotate the secret'});
	}
	let customHeaders: Record<string, string>;
	try {
		customHeaders = openHeaders(vault, endpoint_id, task.custom_headers);
	} catch (error) {
		if (!(error instanceof SealError)) throw error;
		log.error({error, endpoint_id}, 'the custom headers of a webhook cannot be opened');
		return notSent({result: 'unsigned', detail: 'custom_headers cannot be read: set them again'});
	}
	const message = messageOf({id, url, payload, customHeaders}, keys, task.started_at);
	return send({...message, organisationId}, options);
}
