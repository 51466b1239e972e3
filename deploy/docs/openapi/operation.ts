import * as z from 'zod';
import {requestHeaders, type RequestHeader} from '../../../contract/answer-headers.ts';
import {headers, type ErrorCode} from '../../../contract/errors.ts';
import {allows, permissions} from '../../../contract/permissions.ts';
import type {Route} from '../../../contract/route.ts';
import {headerRefs, headersOf, refusalsOf, type Response} from './answers.ts';
import {createExamples} from './examples.ts';
import type {JsonSchema} from './json.ts';
import type {Converted} from './schemas.ts';

/** One endpoint of the contract as an operation of OpenAPI 3.1. */

type Parameter = {
	name: string;
	in: 'path' | 'query' | 'header';
	required: boolean;
	description?: string;
	schema: JsonSchema;
	example?: unknown;
};

/** What an operation is made with: schemas of what is sent and of what is answered, and shared refusals. */
export type Making = {
	input: Converted;
	output: Converted;
	/** Of some codes, as a reference to a response that others share. */
	refusal: (route: Route, codes: readonly ErrorCode[]) => object;
	anyRefusal: (route: Route) => object;
};

export function operation(name: string, tag: string, route: Route, making: Making): object {
	const {body} = route;
	return {
		operationId: name,
		tags: [tag],
		summary: route.summary,
		...description(route),
		security: securityOf(route),
		parameters: [
			...pathParameters(route, making),
			...queryParameters(route, making),
			...headerParameters(route),
		],
		...(route.covers ? {'x-covers-paths-below': true} : {}),
		...(body === undefined ? {} : {requestBody: requestBody(route, body, making)}),
		responses: responses(route, making),
	};
}

/** `/organizations/:org_id` → `/organizations/{org_id}` */
export function templateOf(path: string): string {
	return path.replaceAll(/:(\w+)/g, '{$1}');
}

function description({permission, teamPlan, covers, path, setting}: Route): {description?: string} {
	const lines: string[] = [];
	if (permission !== undefined) {
		const allowed: readonly string[] = permissions[permission];
		lines.push(`Allowed for: ${[...new Set(['operator', ...allowed])].join(', ')}.`);
	}
	if (setting !== undefined) lines.push(`Only where \`${setting}=1\`; else 404.`);
	if (teamPlan) lines.push('Only on the Team plan.');
	if (covers) lines.push(`Every path below \`${path}/\`, in every method, is this endpoint, too.`);
	return lines.length === 0 ? {} : {description: lines.join('\n\n')};
}

/** The credentials of an API key, or of a person or machine. */
export const securitySchemes = {
	apiKey: {
		type: 'http',
		scheme: 'bearer',
		description: 'An API key, as `Authorization: Bearer hklst_…`',
	},
	apiKeyHeader: {
		type: 'apiKey',
		in: 'header',
		name: 'X-API-Key',
		description: 'An API key; it counts even beside a JWT',
	},
	accessToken: {
		type: 'http',
		scheme: 'bearer',
		bearerFormat: 'JWT',
		description: 'The JWT of a person or, where the endpoint takes one, of a service account',
	},
	clientSecret: {
		type: 'http',
		scheme: 'basic',
		description: 'Client id and client secret of a service account; both may stand in the form',
	},
};

const keys = [{apiKey: []}, {apiKeyHeader: []}];
const tokens = [{accessToken: []}];

function securityOf({credentials, client, form, permission}: Route): object[] {
	if (client !== undefined) {
		const forKeys = permission === undefined || allows(permission, 'key') ? keys : [];
		const none = client === 'optional' ? [{}] : [];
		return [{clientSecret: []}, ...forKeys, ...tokens, ...none];
	}
	switch (credentials) {
		case 'none':
			return form ? [{clientSecret: []}, {}] : [];
		case 'api_key':
			return keys;
		case 'any':
			return [...keys, ...tokens];
		case 'jwt':
		case 'user':
			return tokens;
	}
}

function pathParameters({path, parameters = {}}: Route, {input}: Making): Parameter[] {
	return [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => {
		const own = parameters[name];
		const schema = own === undefined ? {type: 'string', format: 'uuid'} : input.of(own);
		const example = createExamples(input.components, 'input')(schema, name.replace(/^owner_/, ''));
		return {name, in: 'path', required: true, schema, example};
	});
}

function queryParameters({query}: Route, {input}: Making): Parameter[] {
	if (query === undefined) return [];
	const exampleOf = createExamples(input.components, 'input');
	const schema = input.of(query);
	return Object.entries(schema.properties ?? {}).map(([name, {description: tells, ...member}]) => ({
		name,
		in: 'query',
		required: schema.required?.includes(name) ?? false,
		...(tells === undefined ? {} : {description: tells}),
		schema: member,
		example: exampleOf(member, name),
	}));
}

function headerParameters(route: Route): Parameter[] {
	const {credentials, permission, path} = route;
	const actsElsewhere =
		credentials === 'any' && permission !== undefined && !path.includes(':org_id');
	const names: RequestHeader[] = [
		...(actsElsewhere ? [headers.organization] : []),
		...(route.idempotent ? [headers.idempotencyKey] : []),
		...(route.mergePatch ? (['If-Match'] as const) : []),
		...(route.tagged ? (['If-None-Match'] as const) : []),
		...(route.requestHeaders ?? []),
	];
	return names.map((name) => ({
		name,
		in: 'header',
		required: false,
		description: requestHeaders[name].tells,
		schema: {type: 'string'},
		example: requestHeaders[name].example,
	}));
}

function requestBody({form, mergePatch}: Route, body: z.ZodType, {input}: Making): object {
	const schema = input.of(body);
	const media = {schema, example: createExamples(input.components, 'input')(schema)};
	const types = form
		? ['application/x-www-form-urlencoded']
		: ['application/json', ...(mergePatch ? ['application/merge-patch+json'] : [])];
	return {
		// An absent body counts as an object without members.
		required: !body.safeParse({}).success,
		content: Object.fromEntries(types.map((type) => [type, media])),
	};
}

function responses(route: Route, making: Making): Record<string, object> {
	const found: Record<string, object> = {[route.status]: answer(route, making)};
	if (route.otherwise !== undefined) {
		found[route.otherwise] = {
			...answer(route, making),
			description: 'The same, where it is not as it should be',
		};
	}
	if (route.tagged) {
		found[304] = {
			description: 'All is as the `ETag` that was sent says',
			headers: headerRefs([...headersOf(route), 'ETag', 'Link', ...(route.headers ?? [])]),
		};
	}
	for (const [status, codes] of refusalsOf(route)) found[status] = making.refusal(route, codes);
	return {...found, default: making.anyRefusal(route)};
}

function answer(route: Route, {output}: Making): Response {
	const {query} = route;
	const isPaged = query instanceof z.ZodObject && 'cursor' in query.shape;
	return {
		description: route.status === 201 ? 'Created' : 'Done',
		headers: headerRefs([
			...headersOf(route),
			...(isPaged ? ['Link'] : []),
			...(route.tagged ? ['ETag'] : []),
			...(route.countsKeysLeft ? [headers.keysLeft] : []),
			...(route.idempotent ? [headers.idempotencyReplayed] : []),
			...(route.headers ?? []),
		]),
		...(isEmpty(route.response) ? {} : {content: contentOf(route, output)}),
	};
}

/** Of an answer without a body. */
function isEmpty(response: z.ZodType): boolean {
	return response instanceof z.ZodLiteral && response.value === '';
}

function contentOf({media, response}: Route, output: Converted): Record<string, object> {
	if (media !== undefined || response instanceof z.ZodString) {
		const schema = {type: 'string'};
		const text = (type = '') => ({schema, example: textExamples[type] ?? 'text'});
		if (media === undefined) return {'text/plain': text()};
		return Object.fromEntries([media].flat().map((type) => [type, text(type)]));
	}
	const schema = output.of(response);
	const exampleOf = createExamples(output.components, 'output');
	const alternatives = schema.anyOf ?? [schema];
	const examples = alternatives.map((each) => ({value: exampleOf(each)}));
	const [only] = examples;
	return {
		'application/json': {
			schema,
			...(examples.length === 1 && only !== undefined
				? {example: only.value}
				: {examples: Object.fromEntries(examples.map((each, at) => [`form ${at + 1}`, each]))}),
		},
	};
}

/** What is answered that is not one JSON value. */
const textExamples: Readonly<Record<string, string>> = {
	'application/x-ndjson': '{"sequence":1}\n{"sequence":2}\n',
	'text/csv': 'start,group,name,count,refused\r\n',
	'text/html': '<!doctype html>',
	'': '# HELP latchkey_requests_total Requests\n',
};
