import path from 'node:path';
import {Validator} from '@seriousme/openapi-schema-validator';
import test from 'ava';
import * as z from 'zod';
import type {Route} from '../../contract/route.ts';
import {routes} from '../../contract/routes.ts';
import {openApiDocument} from '../../deploy/docs/openapi/document.ts';
import {readNames} from '../../deploy/docs/openapi/names.ts';
import {examplesIn, operationsOf} from '../helpers/openapi/document.ts';
import {createSchemas} from '../helpers/openapi/schemas.ts';

const root = path.join(import.meta.dirname, '..', '..', '..');
const document = openApiDocument(await readNames(root));
const operations = operationsOf(document);
const endpoints = Object.entries<Route>(routes).map(([name, route]) => {
	const operation = operations.find(({operationId}) => operationId === name);
	if (operation === undefined) throw new Error(`${name} is not in the document`);
	return {name, route, operation};
});

test('the document is OpenAPI 3.1', async (t) => {
	const {valid, errors} = await new Validator().validate(structuredClone(document));
	t.true(valid, JSON.stringify(errors, null, '\t'));
	t.true(document.openapi.startsWith('3.1.'));
});

test('it has every endpoint of the contract, and no other', (t) => {
	t.deepEqual(
		operations
			.map(({operationId, method, template}) => `${operationId}: ${method} ${template}`)
			.toSorted(),
		endpoints
			.map(
				({name, route: {method, path: template}}) =>
					`${name}: ${method} ${template.replaceAll(/:(\w+)/g, '{$1}')}`,
			)
			.toSorted(),
	);
});

test('every example of a body is one that the contract takes, or gives', (t) => {
	for (const {name, route, operation} of endpoints) {
		const sent = examplesIn(operation.requestBody?.content);
		t.is(sent.length > 0, route.body !== undefined, name);
		for (const example of sent) {
			t.deepEqual(route.body?.safeParse(example).error?.issues, undefined, `to ${name}`);
		}
		const answered = examplesIn(operation.responses[route.status]?.content);
		const isEmpty = route.response instanceof z.ZodLiteral;
		t.is(answered.length > 0, !isEmpty, name);
		for (const example of answered) {
			t.deepEqual(route.response.safeParse(example).error?.issues, undefined, `of ${name}`);
		}
	}
});

test('every example of a parameter is one that the contract takes', (t) => {
	for (const {name, route, operation} of endpoints) {
		for (const parameter of operation.parameters.filter((each) => each.in === 'query')) {
			const query = {[parameter.name]: parameter.example};
			t.deepEqual(route.query?.safeParse(query).error?.issues, undefined, `to ${name}`);
		}
		for (const parameter of operation.parameters.filter((each) => each.in === 'path')) {
			const schema = route.parameters?.[parameter.name];
			t.deepEqual(schema?.safeParse(parameter.example).error?.issues, undefined, `to ${name}`);
		}
	}
});

test('every example is one that its schema takes', (t) => {
	const schemas = createSchemas(document);
	for (const {operationId, requestBody, responses} of operations) {
		const contents = [requestBody, ...Object.values(responses)].map((each) => each?.content ?? {});
		for (const media of contents.flatMap(Object.values)) {
			for (const example of examplesIn({media})) {
				t.is(schemas.faultOf(media.schema, example), undefined, operationId);
			}
		}
	}
});
