import * as z from 'zod';

/**
 * What the JSON Schema of a value says beside what zod knows: the form of a text that is checked by
 * code, and examples. Apart from zod's own registry, whose schemas of events are published.
 */
export const described = z.registry<Description>();

type Description = {
	description?: string;
	format?: 'date-time' | 'uri' | 'email';
	pattern?: string;
	minLength?: number;
	maxLength?: number;
	examples?: unknown[];
};

const stands = new WeakMap<z.core.$ZodType, z.ZodType>();

/** Says that code reads what a schema lets through by another one. @returns the schema */
export function readAs<S extends z.ZodType>(schema: S, by: z.ZodType): S {
	stands.set(schema, by);
	return schema;
}

/** What a schema is read by, if that is another one. */
export function readerOf(schema: z.core.$ZodType): z.ZodType | undefined {
	return stands.get(schema);
}
