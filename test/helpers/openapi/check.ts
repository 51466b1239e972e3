import type {OpenApiDocument} from '../../../deploy/docs/openapi/document.ts';
import {operationsOf, type DocumentedAnswer, type Operation} from './document.ts';
import type {Exchange} from './recorder.ts';
import {createSchemas} from './schemas.ts';

/** Of one connection or one message (RFC 9110, 7.6.1 and 8.6), or told by the media type. */
const ofTransport = new Set([
	'connection',
	'content-length',
	'content-type',
	'date',
	'keep-alive',
	'transfer-encoding',
]);
const errorCode = 'Latchkey-Error-Code';

/** Holds what was sent and answered against the document, in both directions. */
export function createCheck(document: OpenApiDocument) {
	const operations = operationsOf(document);
	const answers = createSchemas(document);
	const requests = createSchemas(document, {isClosed: false});
	const find = createFinder(operations);
	const anyRequest = operations[0]?.responses['default'] ?? {};
	const seen = new Set<string>();

	/** @returns what of an exchange is not as the document has it */
	function faultsOf(exchange: Exchange): string[] {
		const operation = find(exchange.method, exchange.target);
		const {status} = exchange;
		const code = String(exchange.headers[errorCode.toLowerCase()] ?? '');
		const own = operation?.responses[status];
		const isOwn = own !== undefined && (code === '' || codesIn(own).includes(code));
		const documented = isOwn ? own : (operation?.responses['default'] ?? anyRequest);
		if (!isOwn && !codesIn(documented).includes(code)) {
			return [`${status} ${code} is not in the document`];
		}
		seen.add(isOwn ? `${operation?.operationId} ${status} ${code}` : code);
		seen.add(code);
		return [
			...faultsOfHeaders(documented, exchange),
			...faultOfBody(documented, exchange),
			...(operation !== undefined && status < 300 ? faultsOfRequest(operation, exchange) : []),
		];
	}

	function faultOfBody({content = {}}: DocumentedAnswer, exchange: Exchange): string[] {
		const {method, text, headers} = exchange;
		if (method === 'HEAD' || text === undefined || text === '') return [];
		const [type = ''] = String(headers['content-type']).split(';');
		const media = content[type];
		if (media === undefined) return [`an answer of ${type} is not in the document`];
		const isJson = /^application\/(?:problem\+)?json$/.test(type);
		const fault = answers.faultOf(media.schema, isJson ? JSON.parse(text) : text);
		return fault === undefined ? [] : [`the answer: ${fault}`];
	}

	/** Of a request that was taken. */
	function faultsOfRequest({parameters, requestBody}: Operation, exchange: Exchange): string[] {
		const faults: string[] = [];
		for (const [name, value] of new URL(exchange.target, 'http://host').searchParams) {
			const parameter = parameters.find((each) => each.in === 'query' && each.name === name);
			const fault =
				parameter === undefined
					? 'is not in the document'
					: requests.faultOf(parameter.schema, value);
			if (fault !== undefined) faults.push(`?${name}=${value}: ${fault}`);
		}
		const media = requestBody?.content['application/json'];
		if (exchange.sent === undefined || media === undefined) return faults;
		const fault = requests.faultOf(media.schema, exchange.sent);
		return fault === undefined ? faults : [...faults, `the request: ${fault}`];
	}

	/** What is documented and was not seen. */
	function unseen(): string[] {
		const any = codesIn(anyRequest);
		const wanted = operations.flatMap(({operationId, responses}) =>
			Object.entries(responses).flatMap(([status, answer]) => {
				if (status === 'default') return [];
				const codes = codesIn(answer);
				const own = codes.length === 0 ? [''] : codes.filter((code) => !any.includes(code));
				return own.map((code) => `${operationId} ${status} ${code}`);
			}),
		);
		return [...wanted, ...any].filter((each) => !seen.has(each));
	}

	return {faultsOf, unseen};
}

function codesIn({headers = {}}: DocumentedAnswer): string[] {
	return (headers[errorCode]?.schema.enum ?? []) as string[];
}

function faultsOfHeaders({headers = {}}: DocumentedAnswer, exchange: Exchange): string[] {
	const documented = new Set(Object.keys(headers).map((name) => name.toLowerCase()));
	const strange = Object.keys(exchange.headers).filter(
		(name) => !documented.has(name) && !ofTransport.has(name),
	);
	const missing = Object.entries(headers).filter(
		([name, {required}]) => required && exchange.headers[name.toLowerCase()] === undefined,
	);
	return [
		...strange.map((name) => `the header ${name} is not in the document`),
		...missing.map(([name]) => `the header ${name} is missing`),
	];
}

type Find = (method: string, target: string) => Operation | undefined;

/** Fixed words of a path come before what may be anything. */
function createFinder(operations: readonly Operation[]): Find {
	const forms = operations
		.map((operation) => ({
			operation,
			form: new RegExp(`^${operation.template.replaceAll(/\{\w+\}/g, '[^/]+')}$`),
			holes: operation.template.split('{').length,
		}))
		.toSorted((a, b) => a.holes - b.holes);
	return (method, target) => {
		const [path = ''] = target.split('?', 1);
		const asked = method === 'HEAD' ? 'GET' : method;
		const found = forms.find(({operation, form}) => operation.method === asked && form.test(path));
		return found?.operation ?? covering(operations, path);
	};
}

/** The endpoint that every path below its own is, in every method. */
function covering(operations: readonly Operation[], path: string): Operation | undefined {
	return operations.find(
		(operation) =>
			operation['x-covers-paths-below'] === true && path.startsWith(`${operation.template}/`),
	);
}
