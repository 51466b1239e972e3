import type {Router} from '@koa/router';
import type {
	CreatedKey,
	CreatedKeyWithExpiry,
	FullKey,
	Key,
	KeyDetail,
} from '../../contract/keys.ts';
import {toTimestamp} from '../../contract/text.ts';
import {isUnavailable} from '../../core/db/connect.ts';
import type {Deps} from '../../core/deps.ts';
import {
	findKey,
	insertKey,
	listKeys,
	revokeKey,
	wasRecentlyRevoked,
	type DetailedKey,
	type ListedKey,
} from '../../core/keys/store.ts';
import {readUsage} from '../../core/usage/store.ts';
import {recentSeconds} from '../../core/verification/coherence.ts';
import {reportBarrier} from '../http/revocation.ts';
import {hashKey} from '../../core/keys/token.ts';
import {finishPage, pageOf} from '../http/page.ts';
import {isUuid} from '../http/params.ts';
import {Problem} from '../http/problem.ts';
import {mount} from '../http/route.ts';

export function mountKeys(router: Router, deps: Deps): void {
	mount(router, deps, 'listKeys', async ({ctx, query, organisationId}) => {
		const list = `keys:${organisationId}`;
		const page = pageOf(query, list, deps.cursors);
		if (page instanceof Problem) return page;
		const rows = await listKeys(deps.db, organisationId, page);
		const present = query.view === 'full' ? presentFullKey : presentKey;
		return finishPage(ctx, rows, query, list, deps.cursors).map(present);
	});

	mount(router, deps, 'createKey', async ({ctx, body, organisationId, by}) => {
		const key = deps.keys.generate();
		try {
			const row = await insertKey(deps.db, by, organisationId, {
				name: body.name,
				hash: hashKey(key),
				hint: deps.keys.hint(key),
				expiresAt: body.expires_at ?? null,
			});
			ctx.state.keyId = row.id;
			return presentCreatedKey(row, key);
		} catch (error) {
			// The contract has a sentence of its own for this failure; an outage is a 503 as elsewhere.
			if (isUnavailable(error)) throw error;
			ctx.state.log().error({error}, 'an API key could not be created');
			return new Problem('key_creation_failed');
		}
	});

	mount(router, deps, 'getKey', async ({params, organisationId}) => {
		const row = await keyIn(organisationId, params);
		return row instanceof Problem ? row : presentKeyDetail(row);
	});

	mount(router, deps, 'keyUsage', async ({params, query, organisationId}) => {
		const row = await keyIn(organisationId, params);
		if (row instanceof Problem) return row;
		const buckets = await readUsage(deps.db, row.id, query.by ?? 'hour');
		return buckets.map(({start, counts}) => ({start: toTimestamp(start), ...counts}));
	});

	async function keyIn(organisationId: string, params: Record<string, string>) {
		const keyId = params['key_id'] ?? '';
		const row = isUuid(keyId) ? await findKey(deps.db, organisationId, keyId) : undefined;
		return row ?? new Problem('api_key_not_found');
	}

	mount(router, deps, 'revokeKey', async ({ctx, params, organisationId, by}) => {
		const keyId = params['key_id'] ?? '';
		if (!isUuid(keyId)) return new Problem('api_key_not_found');
		ctx.state.keyId = keyId;
		const {barrier} = await deps.coherence.change(
			(transaction) => revokeKey(transaction, by, organisationId, keyId),
			(isRevoked) => isRevoked,
		);
		if (barrier === undefined) {
			// Another DELETE may have been first and not be answered yet: what this one says must hold too.
			if (await wasRecentlyRevoked(deps.db, organisationId, keyId, recentSeconds)) {
				reportBarrier(ctx, await deps.coherence.settle());
			}
			return new Problem('api_key_not_found');
		}
		reportBarrier(ctx, barrier);
		return {message: 'API key revoked successfully'};
	});
}

function presentKey(row: ListedKey): Key {
	return {
		id: row.id,
		name: row.name,
		created_at: toTimestamp(row.created_at),
		last_used_at: row.last_used_at && toTimestamp(row.last_used_at),
		revoked_at: row.revoked_at && toTimestamp(row.revoked_at),
	};
}

function presentFullKey(row: ListedKey): FullKey {
	return {
		...presentKey(row),
		hint: row.hint,
		expires_at: row.expires_at && toTimestamp(row.expires_at),
	};
}

function presentKeyDetail(row: DetailedKey): KeyDetail {
	return {
		...presentFullKey(row),
		created_by: row.created_by,
		last_used_address: row.last_used_ip,
		revoked_by: row.revoked_by,
	};
}

/** Exactly the documented members, unless the request asked for more. */
function presentCreatedKey(row: ListedKey, key: string): CreatedKey | CreatedKeyWithExpiry {
	const documented = {
		id: row.id,
		name: row.name,
		key,
		created_at: toTimestamp(row.created_at),
		last_used_at: null,
		revoked_at: null,
	};
	if (row.expires_at === null) return documented;
	return {...documented, expires_at: toTimestamp(row.expires_at)};
}
