import * as policies from '../key-policies.ts';
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
} as const satisfies Routes;
