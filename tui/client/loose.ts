import * as z from 'zod';
import {completionOf} from './older.ts';

const known = new WeakMap<z.ZodType, z.ZodType>();

/**
 * The lenient twin of a strict response schema: members it does not know are dropped instead of
 * refused, and an enumeration takes any string, so that an older console survives a newer server. What
 * is there must still have the right type; what an older server does not send yet, older.ts adds.
 */
export function loose<Schema extends z.ZodType>(schema: Schema): z.ZodType<z.output<Schema>> {
	let twin = known.get(schema);
	if (twin === undefined) {
		twin = loosen(schema);
		known.set(schema, twin);
	}
	return twin as z.ZodType<z.output<Schema>>;
}

function loosen(schema: z.ZodType): z.ZodType {
	if (schema instanceof z.ZodObject) {
		const shape: Record<string, z.ZodType> = {};
		for (const [name, member] of Object.entries(schema.shape)) shape[name] = loose(asType(member));
		// What the contract leaves open, as who did something, is wanted whole.
		const object =
			schema.def.catchall instanceof z.ZodUnknown ? z.looseObject(shape) : z.object(shape);
		const complete = completionOf(schema);
		return complete === undefined ? object : z.preprocess(complete, object);
	}
	if (schema instanceof z.ZodArray) return z.array(loose(asType(schema.element)));
	if (schema instanceof z.ZodNullable) return loose(asType(schema.unwrap())).nullable();
	if (schema instanceof z.ZodOptional) return loose(asType(schema.unwrap())).optional();
	if (schema instanceof z.ZodEnum) return z.string();
	if (schema instanceof z.ZodRecord) return z.record(z.string(), loose(asType(schema.valueType)));
	if (schema instanceof z.ZodUnion) {
		const options = schema.options.map((option) => loose(asType(option)));
		const areLists = options.every((option) => option instanceof z.ZodArray);
		return areLists ? listOfOneKind(options) : z.union(options);
	}
	return schema;
}

/**
 * A list whose rows are of one of several kinds, all of the same: the first one tells which. A union
 * would refuse each row of a page by each kind before its own, at four times the cost of the rest.
 */
function listOfOneKind(kinds: readonly z.ZodType[]): z.ZodType {
	return z.unknown().transform((value, context) => {
		const start: unknown = Array.isArray(value) ? value.slice(0, 1) : value;
		const kind = kinds.find((each) => each.safeParse(start, howToRead(start)).success);
		const parsed = kind?.safeParse(value, howToRead(value));
		if (parsed?.success === true) return parsed.data;
		context.addIssue({code: 'custom', message: 'no such list'});
		return z.NEVER;
	});
}

/** From here on it pays that zod writes a program for a list of them: that takes as long as reading 300 does. */
const many = 300;

/** How zod reads a value fastest, which is read once. */
export function howToRead(value: unknown): {jitless: boolean} {
	return {jitless: !Array.isArray(value) || value.length < many};
}

/** zod types members of a shape by their core; every one made through zod is a ZodType. */
function asType(schema: z.core.$ZodType): z.ZodType {
	return schema as z.ZodType;
}
