import {readFile} from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import * as z from 'zod';
import {apiVersion, mostPayloadBytes} from '../../contract/events.ts';
import {maxNameLength} from '../../contract/text.ts';
import {describeEventTypes} from '../../core/events/types.ts';

// What was published of an API version holds: receivers were written for it.

type Schema = {
	[keyword: string]: unknown;
	properties?: Record<string, Schema>;
	required?: string[];
};

const directory = path.join(import.meta.dirname, '..', '..', '..', 'docs', 'event-schemas');
const published = JSON.parse(
	await readFile(path.join(directory, `${apiVersion}.json`), 'utf8'),
) as Record<string, Schema>;
const described = describeEventTypes();

/** Where a schema takes away or changes what another promised; what it adds is no break. */
function breaks(before: Schema, now: Schema | undefined, place: string): string[] {
	if (now === undefined) return [`${place} is gone`];
	const {properties = {}, required = [], ...others} = before;
	const {properties: membersNow = {}, required: requiredNow = [], ...othersNow} = now;
	return [
		...(JSON.stringify(others) === JSON.stringify(othersNow) ? [] : [`${place} is another`]),
		...required
			.filter((name) => !requiredNow.includes(name))
			.map((name) => `${place}.${name} may be missing`),
		...Object.entries(properties).flatMap(([name, member]) =>
			breaks(member, membersNow[name], `${place}.${name}`),
		),
	];
}

test('payloads keep what was published of their version; else they need a new one', (t) => {
	for (const [type, schema] of Object.entries(published)) {
		const now = described.find((one) => one.type === type)?.schema as Schema | undefined;
		t.deepEqual(breaks(schema, now, type), []);
	}
	t.deepEqual(
		described.map(({type}) => type).filter((type) => !(type in published)),
		[],
		'npm run docs adds types that are new',
	);
});

test('what would break a receiver is seen', (t) => {
	const schema = published['key.created'];
	const change = (edit: (data: Schema) => void) => {
		const changed = structuredClone(schema) as Required<Schema>;
		edit(changed.properties['data']?.properties?.['key'] ?? {});
		return breaks(schema ?? {}, changed, '');
	};
	t.deepEqual(
		change(({properties = {}}) => delete properties['hint']),
		['.data.key.hint is gone'],
	);
	t.deepEqual(
		change(({properties = {}}) => (properties['hint'] = {type: 'number'})),
		['.data.key.hint is another'],
	);
	t.deepEqual(
		change(({required = []}) => required.splice(required.indexOf('hint'), 1)),
		['.data.key.hint may be missing'],
	);
	t.deepEqual(
		change(({properties = {}}) => (properties['more'] = {type: 'string'})),
		[],
	);
});

test('a receiver that validates takes the examples, and members that come later', (t) => {
	for (const {schema, example} of described) {
		const validator = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);
		t.notThrows(() => validator.parse(example));
		t.notThrows(() => validator.parse({...example, later: 1}));
		t.throws(() => validator.parse({...example, id: 'msg'}));
	}
});

test('the longest names and URLs fit into a payload, many times', (t) => {
	const longest = '\u{1F511}'.repeat(maxNameLength);
	for (const {example} of described) {
		const text = JSON.stringify(example, (name, value: unknown) => {
			if (name === 'name') return longest;
			return name === 'url' ? `https://example.com/${'"'.repeat(2048)}` : value;
		});
		t.true(Buffer.byteLength(text) < mostPayloadBytes / 2);
	}
});
