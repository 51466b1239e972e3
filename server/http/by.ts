import type {Context} from 'koa';
import type {Actor, By} from '../../core/audit/actor.ts';
import type {Principal} from './authenticate.ts';

/** Who sends a request and from where, for the audit trail. */
export function byActor(ctx: Context, actor: Actor): By {
	return {actor, address: ctx.state.clientAddress, requestId: ctx.state.requestId};
}

export function actorOf(principal: Principal): Actor {
	if (principal.auth_method === 'api_key') {
		return {type: 'api_key', id: principal.key.keyId, name: principal.key.name};
	}
	const {caller} = principal;
	if (caller.kind === 'service_account') {
		return {type: 'service_account', id: caller.id, name: caller.name};
	}
	const {userId, email, sessionId} = caller;
	return {type: 'user', id: userId, name: email, sessionId: sessionId ?? undefined};
}
