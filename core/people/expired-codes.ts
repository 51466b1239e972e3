import type {Knex} from 'knex';

/** Deletes invitations and codes for a new password that have run out. @returns how many */
export async function pruneCodes(db: Knex): Promise<number> {
	const [invitations, resets] = await Promise.all([
		db('invitations').whereRaw('expires_at < now()').delete(),
		db('password_resets').whereRaw('expires_at < now()').delete(),
	]);
	return invitations + resets;
}
