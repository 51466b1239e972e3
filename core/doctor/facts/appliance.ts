import type {Knex} from 'knex';

/** What the tables of the appliance tell of keys that protect it, and of whether anybody is there. */
export type ApplianceFacts = {
	masterKeys: {id: Buffer; ageDays: number}[];
	/** Since each key that signs now was activated. */
	signingKeys: {purpose: string; ageDays: number}[];
	hasUsers: boolean;
	leastTermsVersion: number | null;
	termsKnownSince: string | null;
	/** Chains of the audit trail with entries that wait for their signature, and since when. */
	unsigned: {chains: number; oldestSeconds: number};
};

export async function readAppliance(db: Knex): Promise<ApplianceFacts> {
	const {rows: masterKeys} = await db.raw<{rows: ApplianceFacts['masterKeys']}>(
		`select id, extract(epoch from now() - created_at)::float8 / 86400 as "ageDays"
		from master_keys order by created_at desc`,
	);
	const {rows} = await db.raw<{rows: [Omit<ApplianceFacts, 'masterKeys' | 'unsigned'>]}>(
		`select coalesce((select json_agg(k) from (
				select distinct on (purpose) purpose,
					extract(epoch from now() - activated_at)::float8 / 86400 as "ageDays"
				from signing_keys where private_key is not null and activated_at <= now()
				order by purpose, activated_at desc
			) k), '[]') as "signingKeys",
			exists (select from users) as "hasUsers",
			least_terms_version() as "leastTermsVersion",
			(select value from instance_settings where name = 'least_terms_known_since') as "termsKnownSince"`,
	);
	const {rows: unsigned} = await db.raw<{rows: [ApplianceFacts['unsigned']]}>(
		`select count(*)::integer as chains,
			coalesce(extract(epoch from clock_timestamp() - min(e.recorded_at)), 0)::float8 as "oldestSeconds"
		from audit_heads h
		cross join lateral (
			select coalesce(max(s.sequence), 0) as sequence from audit_signed_heads s where s.chain = h.chain
		) as last
		join audit_entries e on e.chain = h.chain and e.sequence = last.sequence + 1
		where h.sequence > last.sequence`,
	);
	return {...rows[0], masterKeys, unsigned: unsigned[0]};
}
