import * as z from 'zod';
import {described, readerOf} from '../../../contract/described.ts';
import {keyPolicy, keyPolicyRules, updateKeyPolicyRequest} from '../../../contract/key-policies.ts';
import {
	answeredTerms,
	changedTerms,
	keyTerms,
	requestedTerms,
	termNames,
} from '../../../contract/key-terms.ts';
import {mapObjects, refsIn, refTo, type JsonSchema} from './json.ts';
import type {Names} from './names.ts';

/** Schemas by name: those that were asked for, and components that these refer to. */
export type Converted = {
	of: (schema: z.ZodType) => JsonSchema;
	components: Record<string, JsonSchema>;
};

/**
 * The JSON Schemas of some zod schemas, as what they take (`input`) or what they give (`output`).
 * An answer may have more members in a later version, so that of an object says nothing of others.
 *
 * @param parameters what is no component, though it may have a name: queries, parts of paths
 */
export function convert(
	{schemas, parameters = []}: {schemas: readonly z.ZodType[]; parameters?: readonly z.ZodType[]},
	names: Names,
	io: 'input' | 'output',
): Converted {
	const registry = z.registry<{id: string}>();
	for (const [schema, {name}] of names) registry.add(schema, {id: name});
	for (const [index, schema] of [...schemas, ...parameters].entries()) {
		if (!registry.has(schema)) registry.add(schema, {id: `anonymous${index}`});
	}
	const {schemas: made} = z.toJSONSchema(registry, {
		io,
		metadata: described,
		override({zodSchema, jsonSchema}) {
			const reader = readerOf(zodSchema);
			if (reader !== undefined) jsonSchema.$ref = refTo(registry.get(reader)?.id ?? '');
		},
		unrepresentable: 'any',
		uri: refTo,
	});
	const all = Object.fromEntries(
		Object.entries(made).map(([id, schema]) => [id, tidy(schema, io) as JsonSchema]),
	);
	for (const [schema, named] of names) describe(all[named.name] ?? {}, schema, named);

	const idOf = (schema: z.ZodType) => registry.get(schema)?.id ?? '';
	const isComponent = (schema: z.ZodType) => names.has(schema) && !parameters.includes(schema);
	const of = (schema: z.ZodType) =>
		isComponent(schema) ? {$ref: refTo(idOf(schema))} : (all[idOf(schema)] ?? {});
	const components: Record<string, JsonSchema> = {};
	const open = [...schemas, ...parameters].flatMap((schema) => [...refsIn(of(schema))]);
	for (let name = open.pop(); name !== undefined; name = open.pop()) {
		if (name in components) continue;
		components[name] = all[name] ?? {};
		open.push(...refsIn(components[name]));
	}
	return {of, components};
}

/** What zod writes, without what says nothing. */
function tidy(schema: unknown, io: 'input' | 'output'): unknown {
	return mapObjects(schema, (object) => {
		const kept = Object.fromEntries(Object.entries(object).filter(isSaid));
		if (kept['minimum'] === Number.MIN_SAFE_INTEGER) delete kept['minimum'];
		if (kept['maximum'] === Number.MAX_SAFE_INTEGER) delete kept['maximum'];
		if (kept['format'] === 'uuid') delete kept['pattern'];
		if (isAnyText(kept['propertyNames'])) delete kept['propertyNames'];
		if (io === 'output' && kept['additionalProperties'] === false) {
			delete kept['additionalProperties'];
		}
		return flat(kept);
	});
}

/** An `id` that is a text is zod's; that of an answer is a schema. */
function isSaid([keyword, value]: [string, unknown]): boolean {
	return (
		keyword !== '$schema' && keyword !== '$id' && !(keyword === 'id' && typeof value === 'string')
	);
}

function isAnyText(schema: unknown): boolean {
	return JSON.stringify(schema) === '{"type":"string"}';
}

/** `anyOf` within `anyOf`, as a schema that may be null twice has it, as one, each choice once. */
function flat(schema: Record<string, unknown>): Record<string, unknown> {
	const {anyOf} = schema;
	if (!Array.isArray(anyOf)) return schema;
	const choices = anyOf.flatMap((choice: JsonSchema) =>
		choice.anyOf !== undefined && Object.keys(choice).length === 1 ? choice.anyOf : [choice],
	);
	const texts = choices.map((choice) => JSON.stringify(choice));
	return {
		...schema,
		anyOf: choices.filter((_, index) => texts.indexOf(texts[index] ?? '') === index),
	};
}

/** What the tables of the contract tell of a member, by its schema. */
const told = new Map<unknown, string>([
	...termNames.flatMap((name) =>
		[keyTerms[name].answer, requestedTerms[name], changedTerms[name], answeredTerms[name]].map(
			(schema) => [schema, keyTerms[name].tells] as const,
		),
	),
	...Object.entries(keyPolicyRules).flatMap(([name, {tells}]) =>
		[keyPolicy.shape, updateKeyPolicyRequest.shape].map(
			(shape) => [(shape as Record<string, unknown>)[name], tells] as const,
		),
	),
]);

function describe(
	json: JsonSchema,
	schema: z.ZodType,
	{description, members}: ReturnType<Names['get']> & {},
): void {
	if (description !== undefined) json.description ??= description;
	if (!(schema instanceof z.ZodObject)) return;
	for (const [name, member] of Object.entries(json.properties ?? {})) {
		const text = told.get(schema.shape[name]) ?? members[name];
		if (text !== undefined) member.description ??= text;
	}
}
