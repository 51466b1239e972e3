import type {Router} from '@koa/router';
import type {Context} from 'koa';
import type {KeyPolicyChanges} from '../../contract/key-policies.ts';
import type {By} from '../../core/actor.ts';
import type {Deps} from '../../core/deps.ts';
import {changeKeyPolicy} from '../../core/key-policies/change.ts';
import {
	presentKeyPolicies,
	readKeyPolicies,
	type KeyPolicies,
	type PolicyPlace,
} from '../../core/key-policies/store.ts';
import {expectedVersion, versionTag} from '../http/if-match.ts';
import {Problem} from '../http/problem.ts';
import {reportBarrier} from '../http/revocation.ts';
import {mount} from '../http/route.ts';

export function mountKeyPolicies(router: Router, deps: Deps): void {
	mount(router, deps, 'getKeyPolicy', ({ctx, organisationId}) => read(ctx, organisationId));

	mount(router, deps, 'getAppliancePolicy', ({ctx}) => read(ctx, null));

	mount(router, deps, 'updateKeyPolicy', ({ctx, body, organisationId, by}) =>
		change(ctx, by, organisationId, body),
	);

	mount(router, deps, 'updateAppliancePolicy', ({ctx, body, by}) => change(ctx, by, null, body));

	async function read(ctx: Context, place: PolicyPlace) {
		return present(ctx, place, await readKeyPolicies(deps.db, place));
	}

	async function change(ctx: Context, by: By, place: PolicyPlace, changes: KeyPolicyChanges) {
		const {result, barrier} = await changeKeyPolicy(deps, by, place, changes, expectedVersion(ctx));
		if (barrier !== undefined) reportBarrier(ctx, barrier);
		if (result.kind === 'refused') return new Problem(result.code, result);
		return present(ctx, place, result.policies);
	}
}

function present(ctx: Context, place: PolicyPlace, policies: KeyPolicies) {
	ctx.set('ETag', versionTag(policies.version));
	return presentKeyPolicies(place, policies);
}
