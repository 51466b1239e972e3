import {keyPolicyRules} from '../../../contract/key-policies.ts';
import {keyTerms} from '../../../contract/key-terms.ts';
import type {JsonSchema} from './json.ts';

/** What members of these names hold, wherever they stand. */
const byName: Readonly<Record<string, unknown>> = {
	...Object.fromEntries(
		Object.entries({...keyPolicyRules, ...keyTerms}).map(([name, {example}]) => [name, example]),
	),
	tag: 'env:prod',
	role: 'billing',
	scope: 'orders.read',
	q: 'Billing',
	limit: '100',
	cursor: 'eyJhIjoiMjAzMC0wMS0xNSJ9.c2lnbmF0dXJl',
	after: '17',
	action: 'key.created',
	status: 'active',
	name: 'Billing',
	key: 'hklst_0000000000000000000000000000000000000000',
	hint: 'hklst_…0000',
	email: 'ada@example.com',
	password: 'seven quiet dogs at noon',
	current_password: 'correct horse battery staple',
	new_password: 'seven quiet dogs at noon',
	code: 'lkpw_0000000000000000000000000000000000000000',
	token: 'hklst_0000000000000000000000000000000000000000',
	access_token: 'eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIuLi4ifQ.c2lnbmF0dXJl',
	refresh_token: 'lkrt_0000000000000000000000000000000000000000',
	client_secret: 'lkcs_0000000000000000000000000000000000000000',
	secret: 'whsec_MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA=',
	grant_type: 'client_credentials',
	url: 'https://hooks.example.com/latchkey',
	custom_headers: {'x-api-key': 'of-the-receiver'},
	custom_header_names: ['x-api-key'],
	ip: '203.0.113.7',
	address: '203.0.113.7',
	last_used_address: '203.0.113.7',
	user_agent: 'latchkey/0.1.0',
	timezone: 'Europe/Berlin',
	since: '2030-01-01T00:00:00Z',
	until: '2030-02-01T00:00:00Z',
	reason: 'Seen in a public repository',
	note: 'Seen in a public repository',
	limits: [{name: 'burst', cost: 2}],
	title: 'Request is not valid',
	version: '0.1.0',
	created_by: 'ada@example.com',
	provider: 'entra',
	device_code: 'lkdc_0000000000000000000000000000000000000000',
	user_code: 'WDJB-MJHT',
	verification_uri: 'https://login.example.com/device',
	verification_uri_complete: 'https://login.example.com/device?user_code=WDJB-MJHT',
	type: 'team',
	event_id: 'msg_00000000000000000000000000000001',
	detail: 'name is required',
	'violated-policies': ['burst'],
	hash: 'b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9',
	request_id: 'req_9f3c2a1b7d4e6f80000000z1',
	token_type: 'Bearer',
	issuer: 'https://latchkey.example.com',
	token_endpoint: 'https://latchkey.example.com/oauth2/token',
	jwks_uri: 'https://latchkey.example.com/.well-known/jwks.json',
	kid: '2030-01',
	x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
	recorded_at: '2030-01-15T10:30:00.000000Z',
};

/** Where answers hold what requests may leave parts of out. */
const answered: Readonly<Record<string, unknown>> = Object.fromEntries(
	Object.entries({...keyTerms, ...keyPolicyRules})
		.filter(([, {example}]) => typeof example === 'object')
		.map(([name, {request, example}]) => [name, request.parse(example)]),
);

const uuid = '3f2b8c1e-6d4a-4f7b-9c0d-5e1a2b3c4d5e';
const instant = '2030-01-15T10:30:00Z';

export type Examples = (schema: JsonSchema, name?: string) => unknown;

/**
 * Makes values that schemas take.
 *
 * @param io whether they are sent or answered: what an answer may have as null is null there
 */
export function createExamples(
	components: Readonly<Record<string, JsonSchema>>,
	io: 'input' | 'output',
): Examples {
	const known = io === 'input' ? byName : {...byName, ...answered};

	function exampleOf(schema: JsonSchema, name?: string): unknown {
		const {$ref, anyOf} = schema;
		if (schema.examples !== undefined) return schema.examples[0];
		if ($ref !== undefined) return exampleOf(resolve($ref), name);
		if (schema.const !== undefined) return schema.const;
		const given = name === undefined ? undefined : known[name];
		if (schema.enum !== undefined) return schema.enum.includes(given) ? given : schema.enum[0];
		if (given !== undefined && isOfKind(given, resolved(schema))) return given;
		if (io === 'output' && typesOf(schema).includes('null')) return null;
		if (anyOf !== undefined) return exampleOf(anyOf[0] ?? {}, name);
		return ofType(schema, name);
	}

	function resolve(ref: string): JsonSchema {
		return components[ref.slice(ref.lastIndexOf('/') + 1)] ?? {};
	}

	/** With what it refers to in its choices and items, as far as values are looked at. */
	function resolved({anyOf, items, ...schema}: JsonSchema): JsonSchema {
		const whole = (each: JsonSchema) =>
			resolved(each.$ref === undefined ? each : resolve(each.$ref));
		return {
			...schema,
			...(anyOf === undefined ? {} : {anyOf: anyOf.map(whole)}),
			...(items === undefined ? {} : {items: whole(items)}),
		};
	}

	function ofType(schema: JsonSchema, name?: string): unknown {
		const [type] = [schema.type ?? []].flat();
		switch (type) {
			case 'object':
				return Object.fromEntries(
					Object.entries(schema.properties ?? {}).map(([member, each]) => [
						member,
						exampleOf(each, member),
					]),
				);
			case 'array':
				if (schema.prefixItems !== undefined) {
					return schema.prefixItems.map((each) => exampleOf(each));
				}
				return schema.items === undefined ? [] : [exampleOf(schema.items, name)];
			case 'string':
				return textOf(schema);
			case 'integer':
			case 'number':
				return Math.max(schema.minimum ?? 1, 1);
			case 'boolean':
				return true;
			case 'null':
				return null;
			case undefined:
			default:
				return {};
		}
	}

	return exampleOf;
}

function typesOf({type, anyOf = []}: JsonSchema): string[] {
	return [type ?? [], ...anyOf.map(typesOf)].flat(2);
}

/** Whether a value known by name is of the kind that is asked for here. */
function isOfKind(value: unknown, schema: JsonSchema): boolean {
	const choices = [schema, ...(schema.anyOf ?? [])].filter(
		(choice) => choice.enum === undefined || choice.enum.includes(value),
	);
	const has = (type: string) => choices.some((choice) => [choice.type].flat().includes(type));
	if (typeof value === 'number') return has('integer') || has('number');
	if (typeof value === 'string') {
		return choices.some(
			({type, format, pattern = ''}) =>
				[type].flat().includes('string') && format !== 'uuid' && new RegExp(pattern).test(value),
		);
	}
	if (Array.isArray(value)) {
		const {items} = choices.find((choice) => choice.items !== undefined) ?? {};
		return has('array') && (items === undefined || value.every((each) => isOfKind(each, items)));
	}
	if (typeof value !== 'object' || value === null) return has(typeof value);
	return choices.some(({type, properties, required = []}) => {
		if (type !== 'object') return false;
		const members = Object.keys(value);
		return (
			required.every((name) => members.includes(name)) &&
			(properties === undefined || members.every((name) => name in properties))
		);
	});
}

function textOf({format, pattern = ''}: JsonSchema): string {
	if (format === 'uuid') return uuid;
	if (format === 'uri') return 'https://latchkey.example.com';
	if (format === 'date-time' || pattern.startsWith('^\\d{4}-')) return instant;
	return /^\^\[?\\?[d1]/.test(pattern) ? '1' : 'text';
}
