import type {Router} from '@koa/router';
import type {Context} from 'koa';
import type * as z from 'zod';
import type {KeyPolicyChanges} from '../../contract/key-policies.ts';
import type {KeyPolicyImpact, keyPolicyImpactQuery} from '../../contract/key-policy-impact.ts';
import type {By} from '../../core/actor.ts';
import type {Deps} from '../../core/deps.ts';
import {changeKeyPolicy, proposePolicy} from '../../core/key-policies/change.ts';
import {
	askFor,
	findImpact,
	presentAffectedKey,
	readRolesOf,
} from '../../core/key-policies/impact.ts';
import {
	presentKeyPolicies,
	readKeyPolicies,
	type KeyPolicies,
	type PolicyPlace,
} from '../../core/key-policies/store.ts';
import {expectedVersion, versionTag} from '../http/if-match.ts';
import {finishPage, pageOf} from '../http/page.ts';
import {Problem} from '../http/problem.ts';
import {reportBarrier} from '../http/revocation.ts';
import {mount} from '../http/route.ts';

/** Keys of a page of an impact where the query does not say: it is never whole. */
const pageSize = 100;

export function mountKeyPolicies(router: Router, deps: Deps): void {
	mount(router, deps, 'getKeyPolicy', ({ctx, organisationId}) => read(ctx, organisationId));

	mount(router, deps, 'getAppliancePolicy', ({ctx}) => read(ctx, null));

	mount(router, deps, 'updateKeyPolicy', ({ctx, body, organisationId, by}) =>
		change(ctx, by, organisationId, body),
	);

	mount(router, deps, 'updateAppliancePolicy', ({ctx, body, by}) => change(ctx, by, null, body));

	mount(router, deps, 'getKeyPolicyImpact', ({ctx, query, organisationId}) =>
		tryOut(ctx, organisationId, query),
	);

	mount(router, deps, 'tryKeyPolicy', ({ctx, query, body, organisationId}) =>
		tryOut(ctx, organisationId, query, body),
	);

	mount(router, deps, 'getAppliancePolicyImpact', ({ctx, query}) => tryOut(ctx, null, query));

	mount(router, deps, 'tryAppliancePolicy', ({ctx, query, body}) => tryOut(ctx, null, query, body));

	async function read(ctx: Context, place: PolicyPlace) {
		return present(ctx, place, await readKeyPolicies(deps.db, place));
	}

	async function change(ctx: Context, by: By, place: PolicyPlace, changes: KeyPolicyChanges) {
		const {result, barrier} = await changeKeyPolicy(deps, by, place, changes, expectedVersion(ctx));
		if (barrier !== undefined) reportBarrier(ctx, barrier);
		if (result.kind === 'refused') return new Problem(result.code, result);
		return present(ctx, place, result.policies);
	}

	/** @param changes that the policy is tried with */
	async function tryOut(
		ctx: Context,
		place: PolicyPlace,
		{limit = pageSize, cursor, rule}: z.output<typeof keyPolicyImpactQuery>,
		changes: KeyPolicyChanges = {},
	): Promise<KeyPolicyImpact | Problem> {
		const before = await readKeyPolicies(deps.db, place);
		const proposed = proposePolicy(before, changes, expectedVersion(ctx));
		if (proposed.kind === 'refused') return new Problem(proposed.code, proposed);
		const name = `key-policy-impact:${place ?? ''}:${rule ?? ''}`;
		const page = {limit, cursor};
		const slice = pageOf(page, name, deps.cursors, limit);
		if (slice instanceof Problem) return slice;
		const asked = await askFor(deps.db, place, {...before, own: proposed.own});
		const {counts, rows} = await findImpact(deps.db, asked, slice, rule);
		const shown = finishPage(ctx, rows, page, name, deps.cursors);
		const roles = await readRolesOf(deps.db, shown);
		const now = deps.clock.now();
		// One that was changed since it was found may break nothing any more.
		const keys = shown
			.map((row) => presentAffectedKey(row, asked, roles, now))
			.filter(({breaches}) => breaches.length > 0);
		ctx.set('ETag', versionTag(before.version));
		return {effective: asked.effective, counts, keys};
	}
}

function present(ctx: Context, place: PolicyPlace, policies: KeyPolicies) {
	ctx.set('ETag', versionTag(policies.version));
	return presentKeyPolicies(place, policies);
}
