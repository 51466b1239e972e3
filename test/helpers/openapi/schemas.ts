import {Ajv2020, type ValidateFunction} from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type {OpenApiDocument} from '../../../deploy/docs/openapi/document.ts';
import {mapObjects, type JsonSchema} from '../../../deploy/docs/openapi/json.ts';

/** Holds values against the schemas of the document. */
export type Schemas = {
	/** @returns what is wrong with a value, if anything is */
	faultOf: (schema: JsonSchema, value: unknown) => string | undefined;
};

/**
 * @param isClosed of answers: a member that is not in the document is a fault, though it may come with a
 * later version
 */
export function createSchemas(document: OpenApiDocument, {isClosed = true} = {}): Schemas {
	const closed = isClosed ? close : (schema: unknown) => schema;
	const ajv = new Ajv2020({strict: false, allErrors: true});
	addFormats.default(ajv);
	ajv.addSchema({$id: 'document', components: closed(document.components) as object});
	const known = new Map<string, ValidateFunction>();
	return {
		faultOf(schema, value) {
			const text = JSON.stringify(schema);
			let validate = known.get(text);
			if (validate === undefined) {
				const own = JSON.parse(text.replaceAll('"#/', '"document#/')) as object;
				validate = ajv.compile(closed(own) as object);
				known.set(text, validate);
			}
			if (validate(value)) return undefined;
			return ajv.errorsText(validate.errors, {dataVar: 'body'});
		},
	};
}

/** Objects whose members are told have no other ones. */
function close(schema: unknown): unknown {
	return mapObjects(schema, (object) =>
		object['type'] === 'object' && 'properties' in object && !('additionalProperties' in object)
			? {...object, additionalProperties: false}
			: object,
	);
}
