import * as z from 'zod';
import {auditActions} from '../../contract/audit.ts';
import {errors, headers} from '../../contract/errors.ts';
import {keyTerms} from '../../contract/key-terms.ts';
import {outcomes} from '../../contract/outcomes.ts';
import {permissions} from '../../contract/permissions.ts';
import type {Route} from '../../contract/route.ts';
import {routes} from '../../contract/routes.ts';

const credentialTexts = {
	none: 'none',
	any: 'API key or JWT',
	jwt: 'JWT',
	user: 'JWT of a user',
	api_key: 'API key',
} as const;

const keysLeftLine = `- \`${headers.keysLeft}\` of whoever is removed, disabled or deleted: how many live keys they made, which stay`;

const unkeyErrorsLine =
	'- Errors: `{meta: {requestId}, error: {title, detail, status, type}}`; `error.errors` with a 400';

/** The API page, in Markdown, from the routes that the server mounts. */
export function apiReference(): string {
	const endpoints = Object.values(routes).map((route: Route) => endpoint(route));
	const rows = Object.entries(errors).map(
		([code, {status, message}]) => `| ${status} | \`${code}\` | ${message} |`,
	);
	const actions = Object.entries(auditActions).map(
		([action, tells]) => `| \`${action}\` | ${tells} |`,
	);
	const checks = Object.values(outcomes).map(
		({code, error, tells}) =>
			`| \`${code}\` | ${error === null ? '' : `\`${error}\``} | ${tells} |`,
	);
	const terms = Object.entries(keyTerms).map(
		([name, {example, tells}]) => `| \`${name}\` | \`${JSON.stringify(example)}\` | ${tells} |`,
	);
	return `# API

<!-- Written by \`npm run docs\` from contract/: change it there. -->

JSON in UTF-8, below \`/api/v1\`. Times are UTC to the second. Every answer has a \`Request-Id\`.
Members of a body and query parameters that an endpoint does not have are refused by name (400);
only the endpoints below \`/oauth2\` (RFC 6749, 3.2) ignore them, and \`POST /v2/keys.verifyKey\`
ignores members.

## Credentials

The first that matches counts, and a bad one is never skipped:

1. \`Authorization: Bearer hklst_…\`
2. \`X-API-Key: hklst_…\`, even beside a JWT
3. \`Authorization: Bearer <JWT>\`, from \`POST /api/v1/auth/login\`, or for a service account from
   \`POST /oauth2/token\`

A JWT acts in one organisation: \`organization_id\` in the login body, or else the user's first. The
header \`Latchkey-Organization: <id>\` names another of the user's organisations for one request. A
service account acts in its own; it cannot call endpoints whose credential is the JWT of a user.

## Names

Names and emails are kept as they are sent. A name has 1 to 255 visible characters of any
script: controls, direction marks and characters that show nothing (zero-width spaces, fillers) are
refused (400). Joiners are accepted where letters or an emoji need them.

## Lists

A list is a bare array, newest first and whole. With \`?limit=\` (1 to 1000) it comes in pages; as
long as there is more, \`Link: <…>; rel="next"\` leads on (RFC 8288). Only the audit trail and the
impact of a key policy are never whole: without \`limit\` they come in pages of 100.

The lists of keys and of sources, each page of them, and each source carry an \`ETag\`: sent back as
\`If-None-Match\`, it is answered with 304 and without a body as long as nothing in it has changed.

## Repeating a request

An answer that was lost can be asked for again, where the endpoint takes an \`Idempotency-Key\`: 1 to
255 visible ASCII characters, another one for each change, best a random UUID. The same request again
within 24 hours, by the same person or service account, changes nothing and gets the same answer to the
byte, the key included, with \`Idempotency-Replayed: true\`. Sent meanwhile, it waits a moment for the
first and gets that answer, or 409 \`idempotency_in_progress\` with \`Retry-After\`. With another path,
query or body it is refused (422 \`idempotency_mismatch\`).

Only what was done is kept (2xx), and given only to those who may still do it. It is encrypted with the
master key and with a key made of the header, which is not kept itself: so choose one that nobody can
guess. Endpoints that do not say that they take the header ignore it. It is that of
draft-ietf-httpapi-idempotency-key-header-07, which has expired (2026-04-18) and is not an RFC.

## Endpoints

${endpoints.join('\n\n')}

## Errors

The body has exactly one member, \`{"error": "…"}\`. The reason for machines is in the header
\`Latchkey-Error-Code\`. With \`Accept: application/problem+json\` the body is an RFC 9457 problem.
Only the endpoints below \`/oauth2\` refuse as OAuth clients expect it: \`error\` is the code, and
\`error_description\` the text.

| status | code | text |
| --- | --- | --- |
${rows.join('\n')}

## What a key can carry

A request that creates a key may name any of these, and the answer shows those that it named. For
every key they are shown with \`?view=full\` and by the endpoint of one key.

| member | such as | tells |
| --- | --- | --- |
${terms.join('\n')}

## What the check of a key comes to

In the order in which they are checked; the first that applies is the answer. \`POST /api/v1/keys/verify\`
answers the code; whoever presents the key itself gets the error, and is not told why a key is
\`unauthorized\`.

| code | error | tells |
| --- | --- | --- |
${checks.join('\n')}

## Entries of the audit trail

What \`action\` of an entry may be; [audit.md](audit.md) has the rest.

| action | tells |
| --- | --- |
${actions.join('\n')}
`;
}

function endpoint(route: Route): string {
	const lines = [`### \`${route.method} ${route.path}\``, '', `${route.summary}.`, ''];
	if (route.setting !== undefined) lines.push(`- Only with \`${route.setting}=1\`; else 404`);
	lines.push(`- Credential: ${credentialOf(route)}`);
	if (route.permission !== undefined) {
		const allowed: readonly string[] = permissions[route.permission];
		lines.push(`- Allowed for: ${[...new Set(['operator', ...allowed])].join(', ')}`);
	}
	if (route.covers) {
		lines.push(`- Also every path below \`${route.path}/\`, in every method: Envoy asks so`);
	}
	if (route.teamPlan) lines.push('- Only on the Team plan');
	if (route.query !== undefined) lines.push(`- Query: ${members(route.query)}`);
	if (route.body !== undefined) {
		lines.push(`- Body${route.form ? ' (form)' : ''}: ${members(route.body)}`);
	}
	if (route.mergePatch) lines.push('- Takes `If-Match`, and `application/merge-patch+json`');
	if (route.idempotent) lines.push('- Takes `Idempotency-Key`');
	const answer =
		route.media === undefined
			? members(route.response)
			: [route.media]
					.flat()
					.map((media) => `\`${media}\``)
					.join(' or ');
	lines.push(`- Answer: ${route.status}, ${answer}`);
	if (route.countsKeysLeft) lines.push(keysLeftLine);
	if (route.errorForm === 'unkey') lines.push(unkeyErrorsLine);
	if (route.form) lines.push('- Errors: `{error, error_description}` (RFC 6749, 5.2)');
	return lines.join('\n');
}

function credentialOf({credentials, client}: Route): string {
	const text = credentialTexts[credentials];
	if (client === undefined) return text;
	const secret = 'the secret of a service account (`client_secret_basic`, `client_secret_post`)';
	return `${text}, or ${secret}${client === 'optional' ? ', or none' : ''}`;
}

/** The members of an object schema in their order, optional ones with `?`. */
function members(schema: z.ZodType): string {
	if (schema instanceof z.ZodArray) return `array of ${members(schema.element as z.ZodType)}`;
	if (schema instanceof z.ZodUnion)
		return schema.options.map((each) => members(each as z.ZodType)).join(' or ');
	if (schema instanceof z.ZodString) return 'text';
	if (!(schema instanceof z.ZodObject)) return 'JSON';
	const names = Object.entries(schema.shape).map(([name, member]) =>
		member instanceof z.ZodOptional ? `${name}?` : name,
	);
	return `\`{${names.join(', ')}}\``;
}
