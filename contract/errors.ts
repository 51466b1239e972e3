/**
 * Every error the API can answer: code → status and public text. The code rides in the header
 * `Latchkey-Error-Code`; the text is the only member of the body. Adding a row is compatible,
 * changing one is not: clients of the published contract match on these bytes.
 */
export const errors = {
	unauthorized: {status: 401, message: 'Invalid or missing API key'},
	invalid_client: {status: 401, message: 'The client id or its secret is not valid'},
	invalid_login: {status: 401, message: 'Invalid email or password'},
	plan_required: {status: 403, message: 'Your plan does not have access to this feature'},
	ip_denied: {status: 403, message: 'This key may not be used from this address'},
	insufficient_scope: {
		status: 403,
		message: 'This key does not have the scope that is needed',
	},
	jwt_required: {status: 403, message: 'This operation requires a JWT'},
	user_required: {status: 403, message: 'This operation requires a user'},
	api_key_required: {status: 403, message: 'This operation requires an API key'},
	operator_required: {status: 403, message: 'This operation requires an operator'},
	role_required: {status: 403, message: 'Your role does not allow this operation'},
	wrong_password: {status: 403, message: 'The current password is wrong'},
	membership_required: {
		status: 403,
		message: 'This operation requires a role given here; yours comes from an identity provider',
	},
	session_required: {
		status: 403,
		message: 'This operation requires a session; a token of an identity provider has none',
	},
	setup_token_invalid: {status: 403, message: 'The setup token is not valid'},
	not_found: {status: 404, message: 'Not found'},
	organization_not_found: {status: 404, message: 'Organization not found'},
	api_key_not_found: {status: 404, message: 'API key not found'},
	key_role_not_found: {status: 404, message: 'Role not found'},
	shared_limits_not_found: {status: 404, message: 'Shared limits not found'},
	webhook_not_found: {status: 404, message: 'Webhook not found'},
	webhook_disabled: {status: 409, message: 'The webhook is disabled; enable it first'},
	delivery_not_found: {status: 404, message: 'Delivery not found'},
	service_account_not_found: {status: 404, message: 'Service account not found'},
	client_secret_not_found: {status: 404, message: 'Client secret not found'},
	source_not_found: {status: 404, message: 'Source not found'},
	member_not_found: {status: 404, message: 'Member not found'},
	invitation_not_found: {status: 404, message: 'Invitation not found'},
	user_not_found: {status: 404, message: 'User not found'},
	provider_not_found: {status: 404, message: 'Identity provider not found'},
	session_not_found: {status: 404, message: 'Session not found'},
	setup_complete: {status: 404, message: 'Setup is already complete'},
	host_unknown: {
		status: 421,
		message:
			'Latchkey does not answer to this host name; set LATCHKEY_PUBLIC_URL or LATCHKEY_ALLOWED_HOSTS',
	},
	metrics_private: {
		status: 403,
		message: 'Metrics are for private networks unless LATCHKEY_METRICS_TOKEN is set',
	},
	method_not_allowed: {status: 405, message: 'Method not allowed'},
	not_acceptable: {
		status: 406,
		message: 'The answer comes as application/json only; signed ones (RFC 9701) are not made',
	},
	email_taken: {status: 409, message: 'A user with this email already exists'},
	already_member: {status: 409, message: 'This person is already a member'},
	limit_reached: {
		status: 409,
		message: 'The organization has as many of these as it can have',
	},
	idempotency_in_progress: {
		status: 409,
		message: 'A request with this Idempotency-Key is still being worked on',
	},
	key_revoked: {status: 409, message: 'The API key is revoked'},
	key_expired: {status: 409, message: 'The API key has expired'},
	already_rotated: {status: 409, message: 'The API key has already been rotated'},
	rotation_open: {
		status: 409,
		message:
			'The key before this one is still in its grace period; finish or cancel that rotation first',
	},
	no_rotation: {status: 409, message: 'The API key is not being rotated'},
	no_quota: {status: 409, message: 'The API key has no quota'},
	key_role_name_taken: {status: 409, message: 'A role with this name already exists'},
	key_role_in_use: {status: 409, message: 'The role is used by keys'},
	delete_protected: {
		status: 409,
		message: 'The API key is protected against deletion; lift the protection first',
	},
	precondition_failed: {
		status: 412,
		message: 'The API key was changed meanwhile; read it again',
	},
	precondition_required: {
		status: 428,
		message: 'Send If-Match with the ETag of the API key',
	},
	last_owner: {
		status: 409,
		message: 'The organization would be left without an owner; make another one first',
	},
	last_operator: {
		status: 409,
		message: 'No operator would be left who can log in with a password; make another one first',
	},
	upgrade_in_progress: {
		status: 409,
		message: 'A server of an older version is still running; finish the upgrade first',
	},
	request_timeout: {status: 408, message: 'The request took too long to arrive'},
	too_many_secrets: {
		status: 409,
		message: 'A service account has two client secrets at most: revoke one first',
	},
	body_too_large: {status: 413, message: 'Request body is larger than 64 KiB'},
	unsupported_media_type: {status: 415, message: 'Content-Type must be application/json in UTF-8'},
	content_encoding: {status: 415, message: 'Content-Encoding is not supported'},
	expectation_failed: {status: 417, message: 'Expectation not supported'},
	bad_request: {status: 400, message: 'Malformed HTTP request'},
	authorization_pending: {status: 400, message: 'The login is not approved yet'},
	slow_down: {status: 400, message: 'Asked too soon: wait for the interval between two requests'},
	access_denied: {status: 400, message: 'The login was denied'},
	expired_token: {status: 400, message: 'The login is unknown or has expired: start over'},
	invalid_json: {status: 400, message: 'Request body is not valid JSON'},
	invalid_code: {status: 400, message: 'The code is wrong, was used already or has expired'},
	policy_violation: {status: 400, message: 'The key policy does not allow this'},
	invalid_field: {status: 400, message: 'Request is not valid'},
	invalid_request: {status: 400, message: 'The request for a token is malformed'},
	invalid_scope: {
		status: 400,
		message: 'Leave scope out: what a token may do is the role of its service account',
	},
	unsupported_grant_type: {status: 400, message: 'grant_type must be client_credentials'},
	idempotency_mismatch: {
		status: 422,
		message: 'This Idempotency-Key was used for another request',
	},
	rate_limited: {status: 429, message: 'Rate limit exceeded'},
	quota_exceeded: {status: 429, message: 'Quota exceeded'},
	too_many_watches: {
		status: 429,
		message: 'Too many live views are open; close one, or try again soon',
	},
	too_many_attempts: {status: 429, message: 'Too many attempts, try again later'},
	headers_too_large: {status: 431, message: 'Request headers are too large'},
	internal: {status: 500, message: 'Internal server error'},
	key_creation_failed: {status: 500, message: 'Failed to create API key'},
	method_unknown: {status: 501, message: 'Method not implemented'},
	unavailable: {status: 503, message: 'Service temporarily unavailable'},
	provider_unavailable: {status: 503, message: 'The identity provider could not be reached'},
	overloaded: {status: 503, message: 'The server is at capacity, try again'},
} as const satisfies Record<string, {status: number; message: string}>;

export type ErrorCode = keyof typeof errors;

/** The body of every error: exactly one member. */
export type ErrorBody = {error: string};

/** RFC 9457 problem details, for callers that ask with `Accept: application/problem+json`. */
export type ProblemBody = {
	type: 'about:blank' | typeof quotaExceededType;
	title: string;
	status: number;
	detail: string;
	code: ErrorCode;
	field?: string;
	/** Names of the limits and quotas that are used up. */
	'violated-policies'?: readonly string[];
	request_id: string;
};

/** The registered type of what a limit or quota refuses (draft-ietf-httpapi-ratelimit-headers-11). */
export const quotaExceededType = 'https://iana.org/assignments/http-problem-types#quota-exceeded';

/** Headers that Latchkey defines. */
export const headers = {
	errorCode: 'Latchkey-Error-Code',
	/** Of a refusal that a proxy gets as 403 whatever it is (`deny=403`): the status that it has. */
	deniedStatus: 'Latchkey-Denied-Status',
	/** Makes a change once, however often it is asked for: the answer is given again. */
	idempotencyKey: 'Idempotency-Key',
	/** Says that an answer was given before. */
	idempotencyReplayed: 'Idempotency-Replayed',
	/** How many live keys were made by somebody who is removed, disabled or deleted. */
	keysLeft: 'Latchkey-Keys-Left',
	organization: 'Latchkey-Organization',
	requestId: 'Request-Id',
	/**
	 * How far a change was in force when it was answered: `verifiers=3; ms=4`; `lapsed` and
	 * `unconfirmed` name servers that did not answer.
	 */
	revocation: 'Latchkey-Revocation',
	/** Why a session is over, for whoever has a refresh token of it. */
	sessionEnd: 'Latchkey-Session-End',
	setupToken: 'Latchkey-Setup-Token',
} as const;
