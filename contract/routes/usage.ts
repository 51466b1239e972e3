import * as usage from '../usage.ts';
import type {Routes} from '../route.ts';

const ofOrganisation = '/api/v1/organizations/:org_id';
const ofKey = `${ofOrganisation}/api-keys/:key_id` as const;

/** CSV unless `format` says otherwise. */
const exported = ['text/csv', 'application/x-ndjson'] as const;

export const usageRoutes = {
	keyUsage: {
		method: 'GET',
		path: `${ofKey}/usage`,
		notFound: 'api_key_not_found',
		credentials: 'jwt',
		permission: 'usage:read',
		query: usage.keyUsageQuery,
		status: 200,
		response: usage.keyUsageAnswer,
		summary:
			'How often a key was checked, over time, by outcome, tag or address; without parameters of a series by outcome, oldest first: each of the last 24 hours, or 30 days',
	},
	exportKeyUsage: {
		method: 'GET',
		path: `${ofKey}/usage/export`,
		notFound: 'api_key_not_found',
		credentials: 'jwt',
		permission: 'usage:read',
		query: usage.keyUsageExportQuery,
		headers: ['Content-Disposition'],
		status: 200,
		media: exported,
		response: usage.usageExport,
		summary: 'The same as a file, with every group',
	},
	listKeyClients: {
		method: 'GET',
		path: `${ofKey}/clients`,
		notFound: 'api_key_not_found',
		credentials: 'jwt',
		permission: 'usage:read',
		status: 200,
		response: usage.keyClients,
		summary: 'From where a key was used, and by which programs, seen last first',
	},
	organisationUsage: {
		method: 'GET',
		path: `${ofOrganisation}/usage`,
		credentials: 'jwt',
		permission: 'usage:read',
		query: usage.organisationUsageQuery,
		status: 200,
		response: usage.usageSeries,
		summary:
			'How often the keys of an organisation, or some of them, were checked, over time, by outcome, key, owner, tag or address',
	},
	exportOrganisationUsage: {
		method: 'GET',
		path: `${ofOrganisation}/usage/export`,
		credentials: 'jwt',
		permission: 'usage:read',
		query: usage.organisationUsageExportQuery,
		headers: ['Content-Disposition'],
		status: 200,
		media: exported,
		response: usage.usageExport,
		summary: 'The same as a file, with every group',
	},
} as const satisfies Routes;
