import type {ErrorCode} from './errors.ts';
import {roles} from './people.ts';
import {allows} from './permissions.ts';
import type {Route} from './route.ts';

/**
 * What any request can be answered, whatever it is for: it is not HTTP as we take it, no endpoint is
 * meant by it, or something failed. Endpoints do not list these.
 */
export const errorsOfAnyRequest = [
	'bad_request',
	'not_found',
	'method_not_allowed',
	'request_timeout',
	'expectation_failed',
	'host_unknown',
	'headers_too_large',
	'internal',
	'method_unknown',
	'unavailable',
	'overloaded',
	'provider_unavailable',
] as const satisfies readonly ErrorCode[];

/** Every other error that an endpoint can answer, each once. */
export function errorsOf(route: Route): ErrorCode[] {
	const found = new Set<ErrorCode>([
		...errorsOfCredential(route),
		...errorsOfRole(route),
		...errorsOfInput(route),
		...(route.notFound === undefined ? [] : [route.notFound]),
		...(route.failure === undefined ? [] : [route.failure]),
		...(route.errors ?? []),
	]);
	return [...found];
}

/** A key that is refused is told why before it is told that the endpoint is not for keys. */
function errorsOfCredential({
	credentials,
	client,
	permission,
	limits,
	subject,
}: Route): ErrorCode[] {
	if (credentials === 'none') return [];
	const unknown: ErrorCode[] =
		client === undefined ? ['unauthorized'] : ['invalid_client', 'too_many_attempts'];
	const always: ErrorCode[] = [...unknown, 'plan_required', 'ip_denied'];
	if (credentials === 'jwt') return [...always, 'jwt_required'];
	if (credentials === 'user') return [...always, 'jwt_required', 'user_required'];
	const needsScope = subject || (permission !== undefined && allows(permission, 'key'));
	return [
		...always,
		...(credentials === 'api_key' ? (['api_key_required'] as const) : []),
		...(needsScope ? (['insufficient_scope'] as const) : []),
		...(limits === undefined ? (['rate_limited', 'quota_exceeded'] as const) : []),
	];
}

function errorsOfRole({credentials, permission, path}: Route): ErrorCode[] {
	if (permission === undefined) return [];
	const isOfOrganisation = path.includes(':org_id');
	if (!isOfOrganisation && credentials !== 'any') return ['operator_required'];
	const actors = credentials === 'any' && !isOfOrganisation ? [...roles, 'key' as const] : roles;
	const isForAll = actors.every((role) => allows(permission, role));
	return ['organization_not_found', ...(isForAll ? [] : (['role_required'] as const))];
}

function errorsOfInput({body, form, mergePatch, idempotent}: Route): ErrorCode[] {
	// A query parameter that an endpoint does not have is refused by each, but for OAuth's.
	const found: ErrorCode[] = [form ? 'invalid_request' : 'invalid_field'];
	if (body !== undefined) {
		found.push('body_too_large', 'unsupported_media_type', 'content_encoding');
		if (!form) found.push('invalid_json');
	}
	if (mergePatch) found.push('precondition_failed');
	if (idempotent) found.push('idempotency_in_progress', 'idempotency_mismatch');
	return found;
}
