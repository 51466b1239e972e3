import type * as z from 'zod';
import type {RequestHeader} from './answer-headers.ts';
import type {ErrorCode} from './errors.ts';
import type {Permission} from './permissions.ts';

/**
 * Which credentials an endpoint takes: `user` the JWT of a person, `jwt` that of a person or a
 * service account, `any` a JWT or an API key.
 */
export type Credentials = 'none' | 'any' | 'jwt' | 'user' | 'api_key';

export type Route = {
	method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
	/** Path template; `:org_id` is resolved to an organisation the caller may see. */
	path: string;
	/** What stands in the path beside ids, and how it must look; the others are UUIDs. */
	parameters?: Readonly<Record<string, z.ZodType<string>>>;
	/** Of a path that may lead to nothing, as one with an id beside `:org_id`: the error then. */
	notFound?: ErrorCode;
	/** It is there only where this variable is set to 1. */
	setting?: `LATCHKEY_${string}`;
	/** Errors have the form that clients of another product read. */
	errorForm?: 'unkey';
	credentials: Credentials;
	/**
	 * OAuth clients call it: the secret of a service account is a credential, too, as
	 * `client_secret_basic` or `client_secret_post` (RFC 6749, 2.3.1). `optional`: so is none at all.
	 */
	client?: 'required' | 'optional';
	/** What the caller's role in the organisation must allow; see permissions.ts. */
	permission?: Permission;
	/** It is about whoever calls: a key needs no scope of Latchkey's own for it. */
	subject?: true;
	/** A key's limits are told and not charged, or not looked at; absent: each call is charged. */
	limits?: 'read' | 'none';
	/** Only organisations on the Team plan. */
	teamPlan?: true;
	/** Answered from memory: it goes on while changes queue up for the database. */
	fromMemory?: true;
	/** The body is a form, and refusals have the shape of RFC 6749, 5.2. */
	form?: true;
	body?: z.ZodType;
	/** A change by RFC 7396, also as `application/merge-patch+json`, and only if `If-Match` says so. */
	mergePatch?: true;
	query?: z.ZodType;
	status: 200 | 201;
	/** Somebody leaves by it: the answer counts the live keys that they made, in `Latchkey-Keys-Left`. */
	countsKeysLeft?: true;
	/** Answers carry an `ETag`; whoever sends it back in `If-None-Match` gets 304 while all is the same. */
	tagged?: true;
	/** Takes an `Idempotency-Key`: whoever sends it again gets the same answer, and nothing is changed. */
	idempotent?: true;
	/** Errors that do not follow from the rest; see route-errors.ts. */
	errors?: readonly ErrorCode[];
	/** Whoever asks may have every refusal of a caller told as 403. */
	deniable?: true;
	/** Headers of requests that do not follow from the rest. */
	requestHeaders?: readonly RequestHeader[];
	/** Headers of answers that do not follow from the rest. */
	headers?: readonly string[];
	/** Headers of refusals that do not follow from the rest. */
	refusalHeaders?: readonly string[];
	/** With which other status the same answer comes, where it does. */
	otherwise?: 503;
	/** What a failure of ours is answered with, where it has a sentence of its own. */
	failure?: ErrorCode;
	/** Media type of the answer, where it is not JSON; of several the first, where the query asks for no other. */
	media?: string | readonly [string, ...string[]];
	response: z.ZodType;
	/** Every path below this one, in every method, is this endpoint. */
	covers?: true;
	summary: string;
};

/** The endpoints of one resource, by name. */
export type Routes = Readonly<Record<string, Route>>;

/** What stands in the place of each `:name` of a path: `{org_id: string}` of `/organizations/:org_id`. */
export type PathParameters<Path extends string> =
	Path extends `${string}:${infer Name}/${infer Rest}`
		? Record<Name, string> & PathParameters<`/${Rest}`>
		: Path extends `${string}:${infer Name}`
			? Record<Name, string>
			: unknown;
