import {headers} from '../errors.ts';
import * as organisations from '../organisations.ts';
import type {Routes} from '../route.ts';

export const organisationsRoutes = {
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
		credentials: 'user',
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
	getReliance: {
		method: 'GET',
		path: '/api/v1/organizations/:org_id/reliance',
		credentials: 'jwt',
		permission: 'keys:read',
		status: 200,
		response: organisations.reliance,
		summary:
			'What relies on its API keys: how many work and are used, and how often they were accepted',
	},
	updateOrganisation: {
		method: 'PATCH',
		path: '/api/v1/organizations/:org_id',
		credentials: 'jwt',
		permission: 'organisation:update',
		body: organisations.updateOrganisationRequest,
		errors: ['operator_required'],
		headers: [headers.revocation],
		status: 200,
		response: organisations.organisation,
		summary: 'Rename an organisation, or (operators) change its plan',
	},
} as const satisfies Routes;
