import type {Context} from 'koa';
import type {Credentials} from '../../contract/route.ts';
import type {Actor, By} from '../../core/actor.ts';
import type {KeyFacts} from '../../core/keys/policy.ts';
import type {Caller} from '../../core/people/caller.ts';
import {Problem} from './problem.ts';

/** Who is calling. `auth_method` is what the request context and the log carry. */
export type Principal =
	| {auth_method: 'api_key'; key: KeyFacts}
	| {auth_method: 'jwt'; caller: Caller};

/** Whether an endpoint takes the kind of credential that a caller has. */
export function accept(
	principal: Principal,
	accepted: Exclude<Credentials, 'none'>,
): Problem | undefined {
	if (accepted === 'any') return undefined;
	if (accepted === 'api_key') {
		return principal.auth_method === 'api_key' ? undefined : new Problem('api_key_required');
	}
	if (principal.auth_method !== 'jwt') return new Problem('jwt_required');
	const isUser = principal.caller.kind === 'user';
	return accepted === 'user' && !isUser ? new Problem('user_required') : undefined;
}

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
