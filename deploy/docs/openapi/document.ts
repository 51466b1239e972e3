import type * as z from 'zod';
import {answerHeaders} from '../../../contract/answer-headers.ts';
import type {ErrorCode} from '../../../contract/errors.ts';
import type {Route} from '../../../contract/route.ts';
import {errorsOfAnyRequest} from '../../../contract/route-errors.ts';
import {resources} from '../../../contract/routes.ts';
import {version} from '../../../core/version.ts';
import {
	commonHeaders,
	headerComponents,
	refusal,
	refusalHeadersOf,
	refusalSchemas,
	shapeOf,
	thrownAmong,
	type Shape,
} from './answers.ts';
import type {JsonSchema} from './json.ts';
import type {Names} from './names.ts';
import {operation, securitySchemes, templateOf, type Making} from './operation.ts';
import {convert} from './schemas.ts';

/** The API as OpenAPI 3.1 has it. */
export type OpenApiDocument = {
	openapi: string;
	info: {title: string; version: string; [more: string]: unknown};
	servers: {url: string}[];
	tags: {name: string}[];
	paths: Record<string, Record<string, object>>;
	components: Record<string, Record<string, object>>;
};

const description = `A self-hosted appliance that issues, verifies and revokes API keys.

Every answer has a \`Request-Id\`. An error has one member, \`{"error": "…"}\`, and its code in the
header \`Latchkey-Error-Code\`; with \`Accept: application/problem+json\` it is a problem of RFC 9457.
Members and query parameters that an endpoint does not have are refused by name. Later versions may
answer members, headers and codes that are not in this document.`;

/** Made from the endpoints of the contract. */
export function openApiDocument(names: Names): OpenApiDocument {
	const endpoints = Object.entries(resources).flatMap(([tag, routes]) =>
		Object.entries<Route>(routes).map(([name, route]) => ({tag, name, route})),
	);
	const of = (pick: (route: Route) => (z.ZodType | undefined)[]) => [
		...new Set(endpoints.flatMap(({route}) => pick(route)).filter((each) => each !== undefined)),
	];
	const bodies = of(({body}) => [body]);
	const parameters = of(({query, parameters: named = {}}) => [query, ...Object.values(named)]);
	const input = convert({schemas: bodies, parameters}, names, 'input');
	const output = convert({schemas: of(({response}) => [response])}, names, 'output');
	const responses: Record<string, object> = {};
	/** Endpoints that refuse for the same, with the same headers, share that. */
	const share = (called: string, route: Route, codes: readonly ErrorCode[], more: Shape[] = []) => {
		const shapes = [...new Set([shapeOf(route), ...more])];
		const also = refusalHeadersOf(route);
		const own = also.filter((header) => !commonHeaders.includes(header));
		const name = [called, ...shapes.filter((shape) => shape !== 'plain'), ...own].join('.');
		responses[name] ??= refusal(codes, shapes, also);
		return {$ref: `#/components/responses/${name}`};
	};
	const making: Making = {
		input,
		output,
		refusal: (route, codes) => share(codes.toSorted().join('.'), route, codes, thrownAmong(codes)),
		anyRefusal: (route) => share('any', route, errorsOfAnyRequest, ['plain']),
	};

	const paths: OpenApiDocument['paths'] = {};
	for (const {tag, name, route} of endpoints) {
		const operations = (paths[templateOf(route.path)] ??= {});
		operations[route.method.toLowerCase()] = operation(name, tag, route, making);
	}
	const own = endpoints.flatMap(({route}) => route.headers ?? []);
	return {
		openapi: '3.1.1',
		info: {
			title: 'Latchkey',
			version,
			description,
			license: {name: 'Apache-2.0', identifier: 'Apache-2.0'},
		},
		servers: [{url: '/'}],
		tags: Object.keys(resources).map((name) => ({name})),
		paths,
		components: {
			schemas: sorted({...refusalSchemas, ...merged(input.components, output.components)}),
			responses: sorted(responses),
			headers: headerComponents([...new Set([...Object.keys(answerHeaders), ...own])]),
			securitySchemes,
		},
	};
}

/** @throws where a name would mean two things */
function merged(
	input: Record<string, JsonSchema>,
	output: Record<string, JsonSchema>,
): Record<string, JsonSchema> {
	for (const name of Object.keys(input)) {
		const other = output[name];
		if (other !== undefined && JSON.stringify(other) !== JSON.stringify(input[name])) {
			throw new Error(`${name} is one thing in requests and another in answers`);
		}
	}
	return {...input, ...output};
}

function sorted<T>(of: Record<string, T>): Record<string, T> {
	return Object.fromEntries(Object.entries(of).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
