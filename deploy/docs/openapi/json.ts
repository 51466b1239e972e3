/** A JSON Schema (draft 2020-12), as far as the document is put together from it. */
export type JsonSchema = {
	$ref?: string;
	type?: string | string[];
	const?: unknown;
	enum?: unknown[];
	anyOf?: JsonSchema[];
	properties?: Record<string, JsonSchema>;
	required?: string[];
	additionalProperties?: boolean | JsonSchema;
	propertyNames?: JsonSchema;
	items?: JsonSchema;
	prefixItems?: JsonSchema[];
	minItems?: number;
	minimum?: number;
	maximum?: number;
	format?: string;
	pattern?: string;
	description?: string;
	examples?: unknown[];
	default?: unknown;
	[keyword: string]: unknown;
};

/** Makes something anew of every object within a value, the inner ones first. */
export function mapObjects(
	value: unknown,
	change: (object: Record<string, unknown>) => unknown,
): unknown {
	if (Array.isArray(value)) return value.map((each) => mapObjects(each, change));
	if (typeof value !== 'object' || value === null) return value;
	const inner = Object.entries(value).map(([name, each]) => [name, mapObjects(each, change)]);
	return change(Object.fromEntries(inner));
}

const componentPrefix = '#/components/schemas/';

export function refTo(name: string): string {
	return componentPrefix + name;
}

/** The names of the schemas that a value refers to, each once. */
export function refsIn(value: unknown): Set<string> {
	const found = new Set<string>();
	mapObjects(value, (object) => {
		const {$ref} = object;
		if (typeof $ref === 'string' && $ref.startsWith(componentPrefix)) {
			found.add($ref.slice(componentPrefix.length));
		}
		return object;
	});
	return found;
}

/** JSON with a line for each member down to some depth, so that a change of one changes few lines. */
export function inLines(value: unknown, depth: number): string {
	if (depth === 0 || typeof value !== 'object' || value === null || Array.isArray(value)) {
		return JSON.stringify(value);
	}
	const members = Object.entries(value).map(
		([name, member]) => `${JSON.stringify(name)}: ${inLines(member, depth - 1)}`,
	);
	return `{\n${members.join(',\n')}\n}`;
}
