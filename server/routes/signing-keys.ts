import type {Router} from '@koa/router';
import type {KeySet} from '../../contract/signing-keys.ts';
import type {Deps} from '../../core/deps.ts';
import type {SigningPurpose} from '../../core/db/tables.ts';
import {mount} from '../http/route.ts';

/** Public keys, answered from memory. The only answers that others may keep. */
export function mountSigningKeys(router: Router, deps: Deps): void {
	const present = (purpose: SigningPurpose): KeySet => ({
		keys: deps.signingKeys
			.published(purpose)
			.map(({kty, crv, x, kid}) => ({kty, crv, x, use: 'sig', alg: 'EdDSA', kid})),
	});

	for (const [name, purpose] of [
		['jwks', 'access_token'],
		['auditKeys', 'audit'],
	] as const) {
		mount(router, deps, name, async ({ctx}) => {
			ctx.set('Cache-Control', 'public, max-age=300');
			return present(purpose);
		});
	}
}
