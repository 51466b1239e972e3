import type {Permission} from '../../../../contract/permissions.ts';
import type {Model} from '../../../app/model.ts';
import type {PolicyPlace} from '../../../key-policies/calls.ts';
import {clean} from '../../../text/clean.ts';
import type {PolicyList} from './list.ts';

/** Whose policy a list has; undefined: one is in no organisation. */
export function placeOf({organisation}: Model, list: PolicyList): PolicyPlace | undefined {
	if (list === 'appliancePolicy') return 'appliance';
	return organisation === undefined ? undefined : {org_id: organisation.id};
}

/** What one needs to change it. */
export function permissionOf(list: PolicyList): Permission {
	return list === 'organisationPolicy' ? 'key_policy:manage' : 'key_policy:appliance';
}

export function whoseKeys({organisation}: Model, list: PolicyList): string {
	return list === 'appliancePolicy'
		? 'What the appliance requires of the keys of every organisation'
		: `What is required of the keys of ${clean(organisation?.name ?? '')}`;
}
