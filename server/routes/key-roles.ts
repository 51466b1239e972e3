import type {Router} from '@koa/router';
import type {Context} from 'koa';
import type {KeyRole} from '../../contract/key-roles.ts';
import type {Deps} from '../../core/deps.ts';
import {changeKeyRole} from '../../core/keys/roles/change.ts';
import {presentKeyRole} from '../../core/keys/roles/present.ts';
import {
	deleteKeyRole,
	findKeyRole,
	insertKeyRole,
	listKeyRoles,
	type CountedKeyRole,
	type KeyRoleRefused,
} from '../../core/keys/roles/store.ts';
import {expectedVersion, versionTag} from '../http/if-match.ts';
import {list} from '../http/list.ts';
import {Problem} from '../http/problem.ts';
import {reportBarrier} from '../http/revocation.ts';
import {mount} from '../http/route.ts';

export function mountKeyRoles(router: Router, deps: Deps): void {
	const {db} = deps;

	mount(router, deps, 'listKeyRoles', async ({organisationId}) =>
		list({
			name: `key roles:${organisationId}`,
			read: (slice) => listKeyRoles(db, organisationId, slice),
			present: presentKeyRole,
		}),
	);

	mount(router, deps, 'createKeyRole', async ({ctx, body, organisationId, by}) => {
		const {keyRoles: most} = deps.config.limits;
		const made = await insertKeyRole(db, by, organisationId, body, most);
		return 'kind' in made ? refusal(made) : one(ctx, made);
	});

	mount(router, deps, 'getKeyRole', async ({ctx, params, organisationId}) => {
		const row = await findKeyRole(db, organisationId, params.role_id);
		return row && one(ctx, row);
	});

	mount(router, deps, 'updateKeyRole', async ({ctx, params, body, organisationId, by}) => {
		const place = {organisationId, roleId: params.role_id};
		const {result, barrier} = await changeKeyRole(deps, by, place, body, expectedVersion(ctx));
		if (barrier !== undefined) reportBarrier(ctx, barrier);
		if (result === undefined) return undefined;
		return 'row' in result ? one(ctx, result.row) : refusal(result);
	});

	mount(router, deps, 'deleteKeyRole', async ({params, organisationId, by}) => {
		const result = await deleteKeyRole(db, by, organisationId, params.role_id);
		if (result === undefined) return undefined;
		return result.kind === 'deleted' ? {message: 'Role deleted successfully'} : refusal(result);
	});
}

function one(ctx: Context, row: CountedKeyRole): KeyRole {
	ctx.set('ETag', versionTag(row.version));
	return presentKeyRole(row);
}

function refusal(refused: KeyRoleRefused): Problem {
	switch (refused.kind) {
		case 'name taken':
			return new Problem('key_role_name_taken', {field: 'name'});
		case 'refused':
			return new Problem(refused.code, refused);
		case 'in use':
			return new Problem('key_role_in_use', {
				message: `The role is used by ${refused.keys} ${refused.keys === 1 ? 'key' : 'keys'}`,
			});
		case 'not expected':
			return new Problem('precondition_failed', {
				message: 'The role was changed meanwhile; read it again',
			});
	}
}
