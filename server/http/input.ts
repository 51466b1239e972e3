import type {Context} from 'koa';
import * as z from 'zod';
import type {Route} from '../../contract/route.ts';
import {isJson, isJsonOrMergePatch, noBody, readJson, type ReadBody} from './body.ts';
import {readForm} from './form.ts';
import {readIdempotencyKey} from './idempotency.ts';
import {Problem} from './problem.ts';
import {validate, validateForm} from './validate.ts';

/** What a request asks for, beside its path. */
export type RequestInput = {
	/** Of an idempotent endpoint; absent: there is none. */
	idempotencyKey: string | undefined;
	query: unknown;
	body: unknown;
	/** The body as it came. */
	bytes: Buffer;
};

/**
 * Reads and checks what a request of a route asks for (400, 413, 415).
 *
 * @param isWhole whether its body has come; where not, the client is waited for without a place
 */
export async function readInput(
	route: Route,
	ctx: Context,
	isWhole: boolean,
): Promise<RequestInput | Problem> {
	const idempotencyKey = route.idempotent && readIdempotencyKey(ctx);
	if (idempotencyKey instanceof Problem) return idempotencyKey;
	const query = readQuery(route, ctx);
	if (query instanceof Problem) return query;
	const body = await takeBody(route, ctx, isWhole);
	if (body instanceof Problem) return body;
	return {idempotencyKey, query, body: body.value, bytes: body.bytes};
}

/** Of an endpoint that takes no query: a misspelt parameter is named, never dropped. */
const noQuery = z.strictObject({});

function readQuery({query: schema, form}: Route, ctx: Context): unknown {
	// OAuth ignores the parameters that it does not know (RFC 6749, 3.2).
	if (schema === undefined && (form || ctx.querystring === '')) return undefined;
	return validate(schema ?? noQuery, {...ctx.query}, 'query');
}

async function takeBody(
	{body: schema, form, mergePatch}: Route,
	ctx: Context,
	isWhole: boolean,
): Promise<ReadBody | Problem> {
	if (schema === undefined) return noBody;
	const read = () =>
		form ? readForm(ctx.req) : readJson(ctx.req, mergePatch ? isJsonOrMergePatch : isJson);
	const body = await (isWhole ? read() : ctx.state.whileAway(read));
	if (body instanceof Problem) return body;
	const value = form ? validateForm(schema, body.value) : validate(schema, body.value, 'body');
	return value instanceof Problem ? value : {bytes: body.bytes, value};
}
