import {bySystem} from '../../core/audit/actor.ts';
import {version} from '../../core/version.ts';
import {finish, type Outcome} from '../../core/webhooks/finish.ts';
import {begin, type Due, type Task} from '../../core/webhooks/queue.ts';
import {openSecrets} from '../../core/webhooks/secrets.ts';
import {send, type SendOptions} from '../../core/webhooks/send.ts';
import {signatureHeaders} from '../../core/webhooks/sign.ts';
import type {WorkerDeps} from '../deps.ts';

const by = bySystem('worker');

/** One attempt of a delivery, from the queue to its place in the log. */
export async function deliver(
	deps: WorkerDeps,
	options: SendOptions,
	due: Due,
): Promise<Outcome | 'stale'> {
	const {db, log, config} = deps;
	const task = await begin(db, due);
	if (task === undefined) return 'stale';
	const startedAt = new Date();
	const sent = await send(messageOf(deps, task, startedAt), options);
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

function messageOf({vault}: WorkerDeps, task: Task, startedAt: Date) {
	const timestamp = Math.floor(startedAt.getTime() / 1000);
	const message = {id: task.event_id, timestamp, body: task.payload};
	const headers = {
		...signatureHeaders(openSecrets(vault, task.secrets), message),
		'Content-Type': 'application/json; charset=utf-8',
		'User-Agent': `latchkey-webhooks/${version}`,
	};
	return {url: task.url, headers, body: task.payload};
}
