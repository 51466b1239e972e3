import type {KeyPolicyState} from '../../../../contract/key-policies.ts';
import type {ListSource} from '../../../app/list-source.ts';
import {readPolicy} from '../../../key-policies/calls.ts';

/** What is asked of keys: one row. `organisationPolicy` is of the organisation, the other of the appliance. */
export type PolicyList = 'organisationPolicy' | 'appliancePolicy';
type PolicyReport = {readonly id: PolicyList; readonly state: KeyPolicyState};

export const organisationPolicyList: ListSource<PolicyReport> = {
	of: 'organisation',
	readers: 'key_policy:read',
	read: async ({client, org_id}) => [
		{id: 'organisationPolicy', state: (await readPolicy(client, {org_id})).body},
	],
};

export const appliancePolicyList: ListSource<PolicyReport> = {
	of: 'user',
	readers: 'key_policy:appliance',
	read: async ({client}) => [
		{id: 'appliancePolicy', state: (await readPolicy(client, 'appliance')).body},
	],
};
