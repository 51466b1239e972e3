import {headers} from './errors.ts';

/** Headers that requests may carry beside their credential, each with what it asks for. */
export const requestHeaders = {
	[headers.organization]: {
		tells: "Names another of the caller's organizations for this request",
		example: '3f2b8c1e-6d4a-4f7b-9c0d-5e1a2b3c4d5e',
	},
	[headers.setupToken]: {
		tells: 'The setup token, which lies in the secrets folder of the appliance',
		example: 'setup-token-of-the-appliance',
	},
	[headers.idempotencyKey]: {
		tells:
			'Makes the change once, however often it is asked for within 24 hours: 1 to 255 visible ASCII characters, best a random UUID',
		example: '9b2f6e0c-1f7a-4b57-8a55-0f6c7e3d2a19',
	},
	'If-Match': {
		tells: 'The change is made only to the version that has this `ETag`',
		example: '"7"',
	},
	'If-None-Match': {
		tells: 'An `ETag` of an earlier answer: 304 while all is the same',
		example: '"Zm9vYmFyYmF6cXV4cXV1eA"',
	},
	'Cache-Control': {
		tells: '`no-cache`: what is known of the key is read from PostgreSQL, not from memory',
		example: 'no-cache',
	},
	'X-Forwarded-Method': {
		tells: 'The method of the request that is asked about',
		example: 'GET',
	},
	'X-Original-Method': {
		tells: 'The same, as nginx is often made to say it',
		example: 'GET',
	},
} as const satisfies Record<string, HeaderRow>;

export type RequestHeader = keyof typeof requestHeaders;

/** Headers that answers may carry. */
export const answerHeaders = {
	[headers.requestId]: {
		tells: 'Names this request in the log and the audit trail',
		example: 'req_9f3c2a1b7d4e6f80000000z1',
	},
	'Cache-Control': {tells: 'Whether anybody may keep the answer', example: 'no-store'},
	'X-Content-Type-Options': {tells: 'Browsers take the media type as it is', example: 'nosniff'},
	[headers.errorCode]: {tells: 'The error, for programs', example: 'invalid_field'},
	[headers.deniedStatus]: {
		tells: 'The status that the refusal has by itself, where it was told as 403',
		example: '401',
	},
	'WWW-Authenticate': {
		tells: 'The credential that is asked for (RFC 6750, 3; RFC 6749, 5.2)',
		example: 'Bearer realm="latchkey", error="invalid_token"',
	},
	'Retry-After': {tells: 'In how many seconds to come again', example: '30'},
	ETag: {tells: 'The version of what is answered', example: '"7"'},
	Link: {
		tells: 'Where the next page is, as long as there is one (RFC 8288)',
		example: '</api/v1/sources?limit=10&cursor=eyJhIjoxfQ>; rel="next"',
	},
	'RateLimit-Policy': {
		tells: 'The limits and quotas of the key that calls: how many uses in how many seconds',
		example: '"burst";q=100;w=60',
	},
	RateLimit: {
		tells: 'What is left of each, and in how many seconds there is more',
		example: '"burst";r=99;t=1',
	},
	[headers.revocation]: {
		tells:
			'How far the change is in force: servers that go by it, after how many ms; `lapsed` and `unconfirmed` name those that did not answer',
		example: 'verifiers=3; ms=4',
	},
	[headers.keysLeft]: {
		tells: 'How many live keys the person who leaves has made; they stay',
		example: '2',
	},
	[headers.sessionEnd]: {
		tells:
			'Why the session of the refresh token is over; absent where the token is not known, or its session has been forgotten',
		example: 'password_changed',
	},
	[headers.idempotencyReplayed]: {tells: 'The answer was given before', example: 'true'},
	'Content-Disposition': {
		tells: 'The name of the file',
		example: 'attachment; filename="audit.ndjson"',
	},
	'Content-Security-Policy': {
		tells: 'What a browser may load for the page: nothing',
		example: "frame-ancestors 'none'",
	},
	Allow: {tells: 'The methods that the path takes', example: 'GET, POST'},
} as const satisfies Record<string, HeaderRow>;

export type AnswerHeader = keyof typeof answerHeaders;

type HeaderRow = {tells: string; example: string};
