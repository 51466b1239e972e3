import {headers} from '../errors.ts';
import {ownerId, ownerType} from '../labels.ts';
import {pageQuery} from '../paging.ts';
import type {Routes} from '../route.ts';
import * as limits from '../shared-limits.ts';

const all = '/api/v1/organizations/:org_id/shared-limits';
const ofOrganisation = `${all}/organization` as const;
const ofOwner = `${all}/owner/:owner_type/:owner_id` as const;

/** As the `owner` of a key has them. */
const owner = {owner_type: ownerType('owner_type'), owner_id: ownerId('owner_id')};

export const sharedLimitsRoutes = {
	listSharedLimits: {
		method: 'GET',
		path: all,
		credentials: 'jwt',
		permission: 'shared_limits:read',
		query: pageQuery,
		status: 200,
		response: limits.sharedLimitsList,
		summary: 'Limits that the keys of the organisation, or of one owner, share, newest first',
	},
	getOrganisationLimits: {
		method: 'GET',
		path: ofOrganisation,
		notFound: 'shared_limits_not_found',
		credentials: 'jwt',
		permission: 'shared_limits:read',
		status: 200,
		response: limits.sharedLimits,
		summary: 'The limits and the quota that all keys of the organisation share',
	},
	setOrganisationLimits: {
		method: 'PUT',
		path: ofOrganisation,
		credentials: 'jwt',
		permission: 'shared_limits:manage',
		body: limits.setSharedLimitsRequest,
		errors: ['limit_reached', 'upgrade_in_progress'],
		headers: [headers.revocation],
		status: 200,
		response: limits.sharedLimits,
		summary: 'Set what all keys of the organisation share; what is not named is taken away',
	},
	deleteOrganisationLimits: {
		method: 'DELETE',
		path: ofOrganisation,
		notFound: 'shared_limits_not_found',
		credentials: 'jwt',
		permission: 'shared_limits:manage',
		headers: [headers.revocation],
		status: 200,
		response: limits.sharedLimitsDeleted,
		summary: 'Remove the limits that all keys of the organisation share; their own limits stay',
	},
	getOwnerLimits: {
		method: 'GET',
		path: ofOwner,
		parameters: owner,
		notFound: 'shared_limits_not_found',
		credentials: 'jwt',
		permission: 'shared_limits:read',
		status: 200,
		response: limits.sharedLimits,
		summary: 'The limits and the quota that the keys of one owner share, such as a team',
	},
	setOwnerLimits: {
		method: 'PUT',
		path: ofOwner,
		parameters: owner,
		credentials: 'jwt',
		permission: 'shared_limits:manage',
		body: limits.setSharedLimitsRequest,
		errors: ['limit_reached', 'upgrade_in_progress'],
		headers: [headers.revocation],
		status: 200,
		response: limits.sharedLimits,
		summary: 'Set what the keys of one owner share; what is not named is taken away',
	},
	deleteOwnerLimits: {
		method: 'DELETE',
		path: ofOwner,
		parameters: owner,
		notFound: 'shared_limits_not_found',
		credentials: 'jwt',
		permission: 'shared_limits:manage',
		headers: [headers.revocation],
		status: 200,
		response: limits.sharedLimitsDeleted,
		summary: 'Remove the limits that the keys of one owner share; their own limits stay',
	},
} as const satisfies Routes;
