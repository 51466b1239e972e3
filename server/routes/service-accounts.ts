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
} from '../../core/service-accounts/secrets.ts';
import {
	deleteServiceAccount,
	findServiceAccount,
	insertServiceAccount,
	listServiceAccounts,
	updateServiceAccount,
} from '../../core/service-accounts/store.ts';
import {finishPage, pageOf} from '../http/page.ts';
import {isUuid} from '../http/params.ts';
import {Problem} from '../http/problem.ts';
import {mount} from '../http/route.ts';

export function mountServiceAccounts(router: Router, deps: Deps): void {
	const {db, cursors} = deps;

	mount(router, deps, 'listServiceAccounts', async ({ctx, query, organisationId}) => {
		const list = `service accounts:${organisationId}`;
		const page = pageOf(query, list, cursors);
		if (page instanceof Problem) return page;
		const rows = await listServiceAccounts(db, organisationId, page);
		return finishPage(ctx, rows, query, list, cursors).map(present);
	});

	mount(router, deps, 'createServiceAccount', async ({body, organisationId, by}) =>
		present(await insertServiceAccount(db, by, organisationId, body)),
	);

	mount(router, deps, 'getServiceAccount', async ({params, organisationId}) => {
		const id = idIn(params);
		const row = id && (await findServiceAccount(db, organisationId, id));
		return row ? present(row) : noAccount();
	});

	mount(router, deps, 'updateServiceAccount', async ({params, body, organisationId, by}) => {
		const id = idIn(params);
		const row = id && (await updateServiceAccount(db, by, organisationId, id, body));
		return row ? present(row) : noAccount();
	});

	mount(router, deps, 'deleteServiceAccount', async ({params, organisationId, by}) => {
		const id = idIn(params);
		const isDeleted = id !== undefined && (await deleteServiceAccount(db, by, organisationId, id));
		return isDeleted ? {message: 'Service account deleted successfully'} : noAccount();
	});

	mount(router, deps, 'listClientSecrets', async ({ctx, params, query, organisationId}) => {
		const id = idIn(params);
		if (id === undefined) return noAccount();
		const list = `client secrets:${id}`;
		const page = pageOf(query, list, cursors);
		if (page instanceof Problem) return page;
		const rows = await listClientSecrets(db, organisationId, id, page);
		if (rows === undefined) return noAccount();
		return finishPage(ctx, rows, query, list, cursors).map(presentSecret);
	});

	mount(router, deps, 'createClientSecret', async ({params, body, organisationId, by}) => {
		const id = idIn(params);
		if (id === undefined) return noAccount();
		const secret = clientSecrets.generate();
		const expiresAt = body.expires_at ?? null;
		const row = await insertClientSecret(db, by, organisationId, id, {secret, expiresAt});
		if (row === undefined) return noAccount();
		return row === 'too many' ? new Problem('too_many_secrets') : presentCreated(row, secret);
	});

	mount(router, deps, 'revokeClientSecret', async ({params, organisationId, by}) => {
		const id = idIn(params);
		if (id === undefined) return noAccount();
		const secretId = params['secret_id'] ?? '';
		if (!isUuid(secretId)) {
			const account = await findServiceAccount(db, organisationId, id);
			return account === undefined ? noAccount() : new Problem('client_secret_not_found');
		}
		switch (await deleteClientSecret(db, by, organisationId, id, secretId)) {
			case 'no account':
				return noAccount();
			case 'no secret':
				return new Problem('client_secret_not_found');
			case undefined:
				return {message: 'Client secret revoked successfully'};
		}
	});
}

function idIn(params: Record<string, string>): string | undefined {
	const id = params['id'] ?? '';
	return isUuid(id) ? id : undefined;
}

function noAccount(): Problem {
	return new Problem('service_account_not_found');
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
