import * as z from 'zod';
import {auditActions} from '../../contract/audit.ts';
import {errors} from '../../contract/errors.ts';
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

/** The API page, in Markdown, from the routes that the server mounts. */
export function apiReference(): string {
	const endpoints = Object.values(routes).map((route: Route) => endpoint(route));
	const rows = Object.entries(errors).map(
		([code, {status, message}]) => `| ${status} | \`${code}\` | ${message} |`,
	);
	const actions = Object.entries(auditActions).map(
		([action, tells]) => `| \`${action}\` | ${tells} |`,
	);
	return `# API

<!-- Written by \`npm run docs\` from contract/: change it there. -->

JSON in UTF-8, below \`/api/v1\`. Times are UTC to the second. Every answer has a \`Request-Id\`.

## Credentials

The first that matches counts, and a bad one is never passed over:

1. \`Authorization: Bearer hklst_…\`
2. \`X-API-Key: hklst_…\`, also beside a JWT
3. \`Authorization: Bearer <JWT>\`, from \`POST /api/v1/auth/login\`, or for a service account from
   \`POST /oauth2/token\`

A JWT acts in one organisation: \`organization_id\` in the login body, else the user's first. The
header \`Latchkey-Organization: <id>\` names another one of the user's for one request. A
service account acts in its own; endpoints whose credential is the JWT of a user it cannot call.

## Lists

A list is a bare array, newest first and whole. With \`?limit=\` (1 to 1000) it comes in pages; as
long as there is more, \`Link: <…>; rel="next"\` leads on (RFC 8288). The audit trail alone has no end: it
comes in pages of 100 without \`limit\`.

The list of keys, and each page of it, carries an \`ETag\`: sent back as \`If-None-Match\`, it is
answered with 304 and without a body as long as nothing in it has changed.

## Endpoints

${endpoints.join('\n\n')}

## Errors

The body has exactly one member, \`{"error": "…"}\`. The reason for machines is in the header
\`Latchkey-Error-Code\`. With \`Accept: application/problem+json\` the body is an RFC 9457 problem.
\`POST /oauth2/token\` alone answers as OAuth clients expect it: \`error\` is the code, and
\`error_description\` the text.

| status | code | text |
| --- | --- | --- |
${rows.join('\n')}

## Entries of the audit trail

What \`action\` of an entry may be; [audit.md](audit.md) has the rest.

| action | tells |
| --- | --- |
${actions.join('\n')}
`;
}

function endpoint(route: Route): string {
	const lines = [`### \`${route.method} ${route.path}\``, '', `${route.summary}.`, ''];
	lines.push(`- Credential: ${credentialTexts[route.credentials]}`);
	if (route.permission !== undefined) {
		const allowed: readonly string[] = permissions[route.permission];
		lines.push(`- Allowed for: ${[...new Set(['operator', ...allowed])].join(', ')}`);
	}
	if (route.teamPlan) lines.push('- Only on the Team plan');
	if (route.query !== undefined) lines.push(`- Query: ${members(route.query)}`);
	if (route.body !== undefined) {
		lines.push(`- Body${route.form ? ' (form)' : ''}: ${members(route.body)}`);
	}
	const answer = route.media === undefined ? members(route.response) : `\`${route.media}\``;
	lines.push(`- Answer: ${route.status}, ${answer}`);
	if (route.form) lines.push('- Errors: `{error, error_description}` (RFC 6749, 5.2)');
	return lines.join('\n');
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
