import type {Router} from '@koa/router';
import type {
	ClientSecret,
	CreatedClientSecret,
	ServiceAccount,
} from '../../contract/service-accounts.ts';
import {toTimestamp} from '../../contract/text.ts';
import type {ClientSecretRow, ServiceAccountRow} from '../../core/db/tables.ts';
import type {Deps} from '../../core/deps.ts';
import {
	clientSecrets,
	deleteClientSecret,
	insertClientSecret,
	listClientSecrets,
} from '../../core/people/machines/secrets.ts';
import {
	deleteServiceAccount,
	findServiceAccount,
	insertServiceAccount,
	listServiceAccounts,
	updateServiceAccount,
} from '../../core/people/machines/store.ts';
import {passedTime} from '../http/future.ts';
import {tellKeysLeft} from '../http/keys-left.ts';
import {list} from '../http/list.ts';
import {Problem} from '../http/problem.ts';
import {mount} from '../http/route.ts';

export function mountServiceAccounts(router: Router, deps: Deps): void {
	const {db} = deps;

	mount(router, deps, 'listServiceAccounts', async ({organisationId}) =>
		list({
			name: `service accounts:${organisationId}`,
			read: (slice) => listServiceAccounts(db, organisationId, slice),
			present,
		}),
	);

	mount(router, deps, 'createServiceAccount', async ({body, organisationId, by}) =>
		present(
			await insertServiceAccount(db, by, organisationId, body, deps.config.limits.serviceAccounts),
		),
	);

	mount(router, deps, 'getServiceAccount', async ({params, organisationId}) => {
		const row = await findServiceAccount(db, organisationId, params.id);
		return row && present(row);
	});

	mount(router, deps, 'updateServiceAccount', async ({ctx, params, body, organisationId, by}) => {
		const update = await updateServiceAccount(db, by, organisationId, params.id, body);
		tellKeysLeft(ctx, update?.keysLeft);
		return update && present(update.account);
	});

	mount(router, deps, 'deleteServiceAccount', async ({ctx, params, organisationId, by}) => {
		const keysLeft = await deleteServiceAccount(db, by, organisationId, params.id);
		if (keysLeft === undefined) return undefined;
		tellKeysLeft(ctx, keysLeft);
		return {message: 'Service account deleted successfully'};
	});

	mount(router, deps, 'listClientSecrets', async ({params: {id}, organisationId}) => {
		if ((await findServiceAccount(db, organisationId, id)) === undefined) return undefined;
		return list({
			name: `client secrets:${id}`,
			read: (slice) => listClientSecrets(db, organisationId, id, slice),
			present: presentSecret,
		});
	});

	mount(router, deps, 'createClientSecret', async ({params, body, organisationId, by}) => {
		const passed = passedTime(deps.clock, 'expires_at', body.expires_at);
		if (passed !== undefined) return passed;
		const secret = clientSecrets.generate();
		const expiresAt = body.expires_at ?? null;
		const made = {secret, expiresAt};
		const row = await insertClientSecret(db, by, organisationId, params.id, made);
		return row === 'too many'
			? new Problem('too_many_secrets')
			: row && presentCreated(row, secret);
	});

	mount(router, deps, 'revokeClientSecret', async ({params, organisationId, by}) => {
		const {id, secret_id: secretId} = params;
		switch (await deleteClientSecret(db, by, organisationId, id, secretId)) {
			case 'no account':
				return new Problem('service_account_not_found');
			case 'no secret':
				return undefined;
			case undefined:
				return {message: 'Client secret revoked successfully'};
		}
	});
}

function present(row: ServiceAccountRow): ServiceAccount {
	return {
		id: row.id,
		name: row.name,
		role: row.role,
		disabled: row.disabled_at !== null,
		created_at: toTimestamp(row.created_at),
	};
}

function presentSecret(row: ClientSecretRow): ClientSecret {
	return {
		id: row.id,
		hint: row.hint,
		created_at: toTimestamp(row.created_at),
		last_used_at: row.last_used_at && toTimestamp(row.last_used_at),
		expires_at: row.expires_at && toTimestamp(row.expires_at),
	};
}

function presentCreated(row: ClientSecretRow, secret: string): CreatedClientSecret {
	return {
		id: row.id,
		client_id: row.service_account_id,
		client_secret: secret,
		created_at: toTimestamp(row.created_at),
		expires_at: row.expires_at && toTimestamp(row.expires_at),
	};
}
