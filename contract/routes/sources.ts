import * as sources from '../sources.ts';
import {pageQuery} from '../paging.ts';
import type {Routes} from '../route.ts';

export const sourcesRoutes = {
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
		errors: ['limit_reached'],
		status: 201,
		response: sources.source,
		summary: 'Create a source',
	},
	getSource: {
		method: 'GET',
		path: '/api/v1/sources/:id',
		notFound: 'source_not_found',
		credentials: 'any',
		permission: 'sources:read',
		status: 200,
		response: sources.source,
		summary: 'One source',
	},
	updateSource: {
		method: 'PUT',
		path: '/api/v1/sources/:id',
		notFound: 'source_not_found',
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
		notFound: 'source_not_found',
		credentials: 'any',
		permission: 'sources:write',
		status: 200,
		response: sources.source,
		summary: 'Delete a source; answers the source as it was',
	},
} as const satisfies Routes;
