import * as policies from '../key-policies.ts';
import {keyPolicyImpact, keyPolicyImpactQuery} from '../key-policy-impact.ts';
import type {Routes} from '../route.ts';

const ofOrganisation = '/api/v1/organizations/:org_id/key-policy';
const ofAppliance = '/api/v1/key-policy';

export const keyPoliciesRoutes = {
	getKeyPolicy: {
		method: 'GET',
		path: ofOrganisation,
		credentials: 'jwt',
		permission: 'key_policy:read',
		status: 200,
		response: policies.keyPolicyState,
		summary: 'What is asked of API keys: by the organisation, by the appliance, and what holds',
	},
	updateKeyPolicy: {
		method: 'PATCH',
		path: ofOrganisation,
		credentials: 'jwt',
		permission: 'key_policy:manage',
		body: policies.updateKeyPolicyRequest,
		mergePatch: true,
		status: 200,
		response: policies.keyPolicyState,
		summary: 'Change what the organisation asks of API keys; what is not named stays as it is',
	},
	getKeyPolicyImpact: {
		method: 'GET',
		path: `${ofOrganisation}/impact`,
		credentials: 'jwt',
		permission: 'key_policy:read',
		query: keyPolicyImpactQuery,
		status: 200,
		response: keyPolicyImpact,
		summary: 'Which API keys of the organisation break which rule of what holds, oldest first',
	},
	tryKeyPolicy: {
		method: 'POST',
		path: `${ofOrganisation}/impact`,
		credentials: 'jwt',
		permission: 'key_policy:read',
		query: keyPolicyImpactQuery,
		body: policies.updateKeyPolicyRequest,
		mergePatch: true,
		status: 200,
		response: keyPolicyImpact,
		summary: 'The same as if the policy were changed so; nothing is changed',
	},
	getAppliancePolicy: {
		method: 'GET',
		path: ofAppliance,
		credentials: 'jwt',
		permission: 'key_policy:appliance',
		status: 200,
		response: policies.keyPolicyState,
		summary: 'What the appliance asks of the API keys of every organisation',
	},
	updateAppliancePolicy: {
		method: 'PATCH',
		path: ofAppliance,
		credentials: 'jwt',
		permission: 'key_policy:appliance',
		body: policies.updateKeyPolicyRequest,
		mergePatch: true,
		status: 200,
		response: policies.keyPolicyState,
		summary: 'Change what the appliance asks of API keys; an organisation can only ask for more',
	},
	getAppliancePolicyImpact: {
		method: 'GET',
		path: `${ofAppliance}/impact`,
		credentials: 'jwt',
		permission: 'key_policy:appliance',
		query: keyPolicyImpactQuery,
		status: 200,
		response: keyPolicyImpact,
		summary:
			'Which API keys of all organisations break which rule of what holds for them, oldest first',
	},
	tryAppliancePolicy: {
		method: 'POST',
		path: `${ofAppliance}/impact`,
		credentials: 'jwt',
		permission: 'key_policy:appliance',
		query: keyPolicyImpactQuery,
		body: policies.updateKeyPolicyRequest,
		mergePatch: true,
		status: 200,
		response: keyPolicyImpact,
		summary: 'The same as if the policy of the appliance were changed so; nothing is changed',
	},
} as const satisfies Routes;
