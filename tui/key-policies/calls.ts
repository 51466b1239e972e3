import type {KeyPolicyChanges} from '../../contract/key-policies.ts';
import type {Answer} from '../client/answer.ts';
import type {Client} from '../client/client.ts';
import type {Input} from '../client/request.ts';

/** Whose policy is meant. */
export type PolicyPlace = 'appliance' | {readonly org_id: string};

type Caller = Pick<Client, 'call'>;
type ImpactRoute =
	| 'getKeyPolicyImpact'
	| 'getAppliancePolicyImpact'
	| 'tryKeyPolicy'
	| 'tryAppliancePolicy';
type ImpactQuery = NonNullable<Input<'getKeyPolicyImpact'>['query']>;

/** @throws {Failure} */
export async function readPolicy(
	client: Caller,
	place: PolicyPlace,
): Promise<Answer<'getKeyPolicy' | 'getAppliancePolicy'>> {
	return place === 'appliance'
		? client.call('getAppliancePolicy', {})
		: client.call('getKeyPolicy', {...place});
}

/**
 * What a policy means for the keys that are there, as it is or with changes that are not made.
 *
 * @throws {Failure}
 */
export async function readImpact(
	client: Caller,
	place: PolicyPlace,
	query: ImpactQuery,
	body?: KeyPolicyChanges,
): Promise<Answer<ImpactRoute>> {
	if (body === undefined) {
		return place === 'appliance'
			? client.call('getAppliancePolicyImpact', {query})
			: client.call('getKeyPolicyImpact', {...place, query});
	}
	return place === 'appliance'
		? client.call('tryAppliancePolicy', {query, body})
		: client.call('tryKeyPolicy', {...place, query, body});
}
