import type {OpenApiDocument} from '../../../deploy/docs/openapi/document.ts';
import type {JsonSchema} from '../../../deploy/docs/openapi/json.ts';

/** The parts of the document that tests look at, with what they refer to in its place. */

export type Media = {
	schema: JsonSchema;
	example?: unknown;
	examples?: Record<string, {value: unknown}>;
};
export type Content = Record<string, Media>;
export type DocumentedAnswer = {
	headers?: Record<string, {required?: boolean; schema: JsonSchema}>;
	content?: Content;
};
export type Operation = {
	operationId: string;
	method: string;
	/** Of the path, with `{name}` in it. */
	template: string;
	parameters: {name: string; in: string; required: boolean; schema: JsonSchema; example: unknown}[];
	requestBody?: {required: boolean; content: Content};
	/** By status, or `default`. */
	responses: Record<string, DocumentedAnswer>;
	/** Every path below its own, in every method, is the same. */
	'x-covers-paths-below'?: boolean;
};

export function operationsOf({paths, components}: OpenApiDocument): Operation[] {
	const resolved = (part: object): unknown => {
		const [, , kind = '', name = ''] = '$ref' in part ? String(part.$ref).split('/') : [];
		return components[kind]?.[name] ?? part;
	};
	const answerOf = (part: object): DocumentedAnswer => {
		const answer = resolved(part) as {headers?: Record<string, object>; content?: Content};
		return {...answer, headers: mapped(answer.headers ?? {}, resolved)} as DocumentedAnswer;
	};
	return Object.entries(paths).flatMap(([template, methods]) =>
		Object.entries(methods).map(([method, part]) => {
			const operation = part as Operation & {responses: Record<string, object>};
			return {
				...operation,
				method: method.toUpperCase(),
				template,
				responses: mapped(operation.responses, answerOf),
			};
		}),
	);
}

function mapped<T, U>(of: Record<string, T>, change: (value: T) => U): Record<string, U> {
	return Object.fromEntries(Object.entries(of).map(([name, value]) => [name, change(value)]));
}

export function examplesIn(content: Content = {}): unknown[] {
	return Object.values(content).flatMap(({example, examples}) => [
		...(example === undefined ? [] : [example]),
		...Object.values(examples ?? {}).map(({value}) => value),
	]);
}
