import type * as z from 'zod';
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
	credentials: Credentials;
	/** What the caller's role in the organisation must allow; see permissions.ts. */
	permission?: Permission;
	/** Only organisations on the Team plan. */
	teamPlan?: true;
	/** The body is a form, and errors have the shape of RFC 6749, 5.2. */
	form?: true;
	body?: z.ZodType;
	query?: z.ZodType;
	status: 200 | 201;
	/** Answers carry an `ETag`; who sends it back in `If-None-Match` gets 304 while all is the same. */
	tagged?: true;
	/** Media type of the answer, where it is not JSON. */
	media?: string;
	response: z.ZodType;
	summary: string;
};

/** The endpoints of one resource, by name. */
export type Routes = Readonly<Record<string, Route>>;
