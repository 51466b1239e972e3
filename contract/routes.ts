import * as z from 'zod';
import * as health from './health.ts';
import * as keys from './keys.ts';
import * as organisations from './organisations.ts';
import {pageQuery} from './paging.ts';
import * as people from './people.ts';
import type {Permission} from './permissions.ts';
import * as sources from './sources.ts';
import * as verification from './verification.ts';

/** Which credentials an endpoint takes. `any` is an API key or a user's JWT. */
export type Credentials = 'none' | 'any' | 'jwt' | 'api_key';

export type Route = {
	method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
	/** Path template; `:org_id` is resolved to an organisation the caller may see. */
	path: string;
	credentials: Credentials;
	/** What the caller's role in the organisation must allow; see permissions.ts. */
	permission?: Permission;
	/** Only organisations on the Team plan. */
	teamPlan?: true;
	body?: z.ZodType;
	query?: z.ZodType;
	status: 200 | 201;
	response: z.ZodType;
	summary: string;
};

/** Every endpoint as data: the server mounts them, the console calls them, the docs list them. */
export const routes = {
	setupState: {
		method: 'GET',
		path: '/api/v1/setup',
		credentials: 'none',
		status: 200,
		response: people.setupState,
		summary: 'Whether the first administrator is still to be made',
	},
	setup: {
		method: 'POST',
		path: '/api/v1/setup',
		credentials: 'none',
		body: people.setupRequest,
		status: 201,
		response: people.setupResult,
		summary: 'Make the first administrator, once, with the setup token',
	},
	login: {
		method: 'POST',
		path: '/api/v1/auth/login',
		credentials: 'none',
		body: people.loginRequest,
		status: 200,
		response: people.tokens,
		summary: 'Log in with email and password',
	},
	refresh: {
		method: 'POST',
		path: '/api/v1/auth/refresh',
		credentials: 'none',
		body: people.refreshRequest,
		status: 200,
		response: people.tokens,
		summary: 'Exchange a refresh token for a new pair',
	},
	logout: {
		method: 'POST',
		path: '/api/v1/auth/logout',
		credentials: 'jwt',
		status: 200,
		response: people.loggedOut,
		summary: 'End this session; its tokens stop at once',
	},
	me: {
		method: 'GET',
		path: '/api/v1/auth/me',
		credentials: 'jwt',
		status: 200,
		response: people.me,
		summary: 'Who is calling, and in which organisation',
	},
	listOrganisations: {
		method: 'GET',
		path: '/api/v1/organizations',
		credentials: 'jwt',
		status: 200,
		response: organisations.organisationList,
		summary: 'Organisations the caller can see',
	},
	createOrganisation: {
		method: 'POST',
		path: '/api/v1/organizations',
		credentials: 'jwt',
		permission: 'organisations:create',
		body: organisations.createOrganisationRequest,
		status: 201,
		response: organisations.organisation,
		summary: 'Create an organisation; the caller becomes its owner',
	},
	getOrganisation: {
		method: 'GET',
		path: '/api/v1/organizations/:org_id',
		credentials: 'jwt',
		permission: 'organisation:read',
		status: 200,
		response: organisations.organisation,
		summary: 'One organisation',
	},
	updateOrganisation: {
		method: 'PATCH',
		path: '/api/v1/organizations/:org_id',
		credentials: 'jwt',
		permission: 'organisation:update',
		body: organisations.updateOrganisationRequest,
		status: 200,
		response: organisations.organisation,
		summary: 'Rename an organisation, or (operators) change its plan',
	},
	listKeys: {
		method: 'GET',
		path: '/api/v1/organizations/:org_id/api-keys',
		credentials: 'jwt',
		permission: 'keys:read',
		query: keys.keyListQuery,
		status: 200,
		response: z.union([z.array(keys.fullKey), keys.keyList]),
		summary: 'API keys of an organisation, newest first, revoked ones included',
	},
	createKey: {
		method: 'POST',
		path: '/api/v1/organizations/:org_id/api-keys',
		credentials: 'jwt',
		permission: 'keys:create',
		teamPlan: true,
		body: keys.createKeyRequest,
		status: 201,
		response: z.union([keys.createdKeyWithExpiry, keys.createdKey]),
		summary: 'Create an API key; the answer is the only time the key is shown',
	},
	revokeKey: {
		method: 'DELETE',
		path: '/api/v1/organizations/:org_id/api-keys/:key_id',
		credentials: 'jwt',
		permission: 'keys:revoke',
		status: 200,
		response: keys.keyRevoked,
		summary: 'Revoke an API key for good',
	},
	verifyKey: {
		method: 'POST',
		path: '/api/v1/keys/verify',
		credentials: 'any',
		permission: 'keys:verify',
		body: verification.verifyRequest,
		status: 200,
		response: verification.verification,
		summary: "Whether a key of the caller's organisation is valid, and why not; always 200",
	},
	keySelf: {
		method: 'GET',
		path: '/api/v1/keys/self',
		credentials: 'api_key',
		status: 200,
		response: verification.keySelf,
		summary: 'The presented key describes itself',
	},
	forwardAuth: {
		method: 'GET',
		path: '/api/v1/forward-auth',
		credentials: 'any',
		permission: 'forward-auth:use',
		status: 200,
		response: verification.forwardAuth,
		summary: "A reverse proxy's subrequest: 200 with X-Auth-… headers, else 401 or 403",
	},
	listSources: {
		method: 'GET',
		path: '/api/v1/sources',
		credentials: 'any',
		permission: 'sources:read',
		query: pageQuery,
		status: 200,
		response: sources.sourceList,
		summary: "Sources of the caller's organisation, newest first",
	},
	createSource: {
		method: 'POST',
		path: '/api/v1/sources',
		credentials: 'any',
		permission: 'sources:write',
		body: sources.createSourceRequest,
		status: 201,
		response: sources.source,
		summary: 'Create a source',
	},
	getSource: {
		method: 'GET',
		path: '/api/v1/sources/:id',
		credentials: 'any',
		permission: 'sources:read',
		status: 200,
		response: sources.source,
		summary: 'One source',
	},
	updateSource: {
		method: 'PUT',
		path: '/api/v1/sources/:id',
		credentials: 'any',
		permission: 'sources:write',
		body: sources.updateSourceRequest,
		status: 200,
		response: sources.source,
		summary: 'Change the given members of a source',
	},
	deleteSource: {
		method: 'DELETE',
		path: '/api/v1/sources/:id',
		credentials: 'any',
		permission: 'sources:write',
		status: 200,
		response: sources.source,
		summary: 'Delete a source; answers the source as it was',
	},
	live: {
		method: 'GET',
		path: '/livez',
		credentials: 'none',
		status: 200,
		response: health.live,
		summary: 'The process is running',
	},
	ready: {
		method: 'GET',
		path: '/readyz',
		credentials: 'none',
		status: 200,
		response: health.ready,
		summary: 'The process can verify keys and accept work; lists each dependency',
	},
} as const satisfies Record<string, Route>;

export type RouteName = keyof typeof routes;
