import type {Router} from '@koa/router';
import type {Context} from 'koa';
import {createdByTakes} from '../../contract/key-list.ts';
import type {KeyDetail} from '../../contract/keys.ts';
import type {Deps} from '../../core/deps.ts';
import {holdKeyPolicies} from '../../core/key-policies/store.ts';
import {allowTerms} from '../../core/keys/allowed.ts';
import {endRotation, resume, revoke, suspend, update} from '../../core/keys/change.ts';
import {
	presentCreatedKey,
	presentFullKey,
	presentListedKey,
	presentKeyDetail,
	presentRotatedKey,
	type DetailedKey,
} from '../../core/keys/present.ts';
import {cancelRotation, finishRotation} from '../../core/keys/rotation/end.ts';
import {rotateKey} from '../../core/keys/rotation/rotate.ts';
import {nameOfFilter} from '../../core/keys/filter.ts';
import {listKeys} from '../../core/keys/list.ts';
import {findMakers} from '../../core/keys/made-by.ts';
import {findKey, insertKey} from '../../core/keys/store.ts';
import {versionOfKeys} from '../../core/keys/version.ts';
import {reportBarrier} from '../http/revocation.ts';
import {hashKey} from '../../core/keys/token.ts';
import {conditionOf, versionTag} from '../http/if-match.ts';
import {list} from '../http/list.ts';
import {Problem} from '../http/problem.ts';
import {mount} from '../http/route.ts';

export function mountKeys(router: Router, deps: Deps): void {
	const {clock} = deps;

	mount(router, deps, 'listKeys', async ({query, organisationId}) => {
		const {created_by: maker, ...filter} = query;
		const makers =
			maker === undefined ? undefined : await findMakers(deps.db, organisationId, maker);
		if (maker !== undefined && makers === undefined) {
			return new Problem('invalid_field', {message: createdByTakes, field: 'created_by'});
		}
		const wanted = makers === undefined ? filter : {...filter, makers};
		return list({
			name: `keys:${organisationId}${nameOfFilter(query)}`,
			read: (slice) => listKeys(deps.db, organisationId, slice, wanted),
			present: (row) =>
				query.view === 'full'
					? presentFullKey(row, clock.now())
					: presentListedKey(row, clock.now()),
			version: async () => {
				const version = await versionOfKeys(deps.db, organisationId);
				// Keys become idle with nothing but time, and service accounts get other names.
				const parts = [version, ...(makers ?? []), ...(query.idle_days ? [clock.now()] : [])];
				return parts.join(' ');
			},
		});
	});

	mount(router, deps, 'createKey', async ({ctx, body, organisationId, by, once}) => {
		const {name, ...terms} = body;
		return deps.db.transaction(async (transaction) => {
			await holdKeyPolicies(transaction, organisationId);
			return once(transaction, async () => {
				const proposal = {organisationId, terms};
				const allowed = await allowTerms(transaction, by, proposal, clock.now());
				if (allowed.kind === 'refused') return new Problem(allowed.code, allowed);
				const key = deps.keys.generate();
				const row = await insertKey(transaction, by, organisationId, {
					name,
					hash: hashKey(key),
					hint: deps.keys.hint(key),
					terms: allowed.terms,
				});
				ctx.state.keyId = row.id;
				return presentCreatedKey(row, key, terms);
			});
		});
	});

	mount(router, deps, 'getKey', async ({ctx, params, organisationId}) => {
		const row = await findKey(deps.db, organisationId, params.key_id);
		return row && one(ctx, row);
	});

	mount(router, deps, 'updateKey', async ({ctx, params, body, organisationId, by}) => {
		const {key_id: keyId} = params;
		ctx.state.keyId = keyId;
		const place = {organisationId, keyId};
		return answer(ctx, await update(deps, by, place, body, conditionOf(ctx)));
	});

	mount(router, deps, 'suspendKey', async ({ctx, params, body, organisationId, by}) => {
		const {key_id: keyId} = params;
		ctx.state.keyId = keyId;
		const reason = body.reason ?? null;
		return answer(ctx, await suspend(deps, by, {organisationId, keyId}, reason));
	});

	mount(router, deps, 'resumeKey', async ({ctx, params, organisationId, by}) => {
		const {key_id: keyId} = params;
		ctx.state.keyId = keyId;
		return answer(ctx, await resume(deps, by, {organisationId, keyId}));
	});

	mount(router, deps, 'rotateKey', async ({ctx, params, body, organisationId, by, once}) => {
		const {key_id: keyId} = params;
		ctx.state.keyId = keyId;
		const {value, barrier} = await deps.coherence.change(
			async (transaction) => {
				await holdKeyPolicies(transaction, organisationId);
				return once(transaction, async () => {
					const key = deps.keys.generate();
					const secret = {hash: hashKey(key), hint: deps.keys.hint(key)};
					const place = {organisationId, keyId};
					const asked = {request: body, secret};
					const rotated = await rotateKey(transaction, by, place, asked, clock);
					if (rotated === undefined) return new Problem('api_key_not_found');
					if (rotated.kind === 'refused') return new Problem(rotated.code, rotated);
					return presentRotatedKey(rotated, key, clock.now());
				});
			},
			(answer) => !(answer instanceof Problem || answer.isReplayed),
		);
		// What somebody else was answered, or is about to be, must hold when it is told, too.
		const isTold =
			value instanceof Problem
				? value.code === 'already_rotated' || value.code === 'key_revoked'
				: value.isReplayed;
		const waited = isTold ? await deps.coherence.waitForEarlier() : barrier;
		if (waited !== undefined) reportBarrier(ctx, waited);
		return value;
	});

	mount(router, deps, 'finishRotation', async ({ctx, params, organisationId, by}) => {
		const {key_id: keyId} = params;
		ctx.state.keyId = keyId;
		return answer(ctx, await endRotation(deps, by, {organisationId, keyId}, finishRotation));
	});

	mount(router, deps, 'cancelRotation', async ({ctx, params, organisationId, by}) => {
		const {key_id: keyId} = params;
		ctx.state.keyId = keyId;
		return answer(ctx, await endRotation(deps, by, {organisationId, keyId}, cancelRotation));
	});

	mount(router, deps, 'revokeKey', async ({ctx, params, query, organisationId, by}) => {
		const {key_id: keyId} = params;
		ctx.state.keyId = keyId;
		const {result, barrier} = await revoke(deps, by, {organisationId, keyId}, query);
		if (barrier !== undefined) reportBarrier(ctx, barrier);
		if (result === 'protected') return new Problem('delete_protected');
		return result === 'revoked' ? {message: 'API key revoked successfully'} : undefined;
	});

	/** A key that was changed, or why it was not; undefined: there is none. */
	function answer(
		ctx: Context,
		{result, barrier}: Awaited<ReturnType<typeof suspend>>,
	): KeyDetail | Problem | undefined {
		if (barrier !== undefined) reportBarrier(ctx, barrier);
		if (result === undefined) return undefined;
		if (result.kind === 'refused') return new Problem(result.code, result);
		return one(ctx, result.row);
	}

	function one(ctx: Context, row: DetailedKey): KeyDetail {
		ctx.set('ETag', versionTag(row.version));
		return presentKeyDetail(row, clock.now());
	}
}
