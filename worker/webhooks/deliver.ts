import {bySystem} from '../../core/audit/actor.ts';
import {finish, type Outcome} from '../../core/webhooks/finish.ts';
import {messageOf} from '../../core/webhooks/message.ts';
import {begin, type Due} from '../../core/webhooks/queue.ts';
import {openSecrets} from '../../core/webhooks/secrets.ts';
import {send, type SendOptions} from '../../core/webhooks/send.ts';
import type {WorkerDeps} from '../deps.ts';

const by = bySystem('worker');

/** One attempt of a delivery, from the queue to its place in the log. */
export async function deliver(deps: WorkerDeps, options: SendOptions, due: Due): Promise<Outcome> {
	const {db, log, config, vault} = deps;
	const task = await begin(db, due);
	if (task === undefined) return 'stale';
	const startedAt = new Date();
	const {event_id: id, url, payload} = task;
	const keys = openSecrets(vault, task.secrets);
	const sent = await send(messageOf({id, url, payload}, keys, startedAt), options);
	const outcome = await finish(db, by, task, sent, {
		startedAt,
		steps: config.webhookRetrySeconds,
	});
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
	return outcome;
}
