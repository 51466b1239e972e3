import type {Knex} from 'knex';

/* Backups, restores and drills: each command writes down what it did, for whoever watches the appliance. */

export const maintenanceKinds = ['backup', 'restore', 'drill'] as const;
export type MaintenanceKind = (typeof maintenanceKinds)[number];

/** Runs are remembered this long. */
const rememberedFor = '400 days';

/** The file that was written or read. */
export type RunFile = {
	/** Its name, without the folder. */
	file: string;
	/** As of when the data in it is. */
	taken_at: Date;
	bytes: number;
	/** In hexadecimal digits. */
	sha256: string;
};

export type MaintenanceRun = {[Member in keyof RunFile]: RunFile[Member] | null} & {
	id: string;
	kind: MaintenanceKind;
	started_at: Date;
	/** Null: still running, or killed. */
	ended_at: Date | null;
	succeeded: boolean | null;
	/** What failed, in words. */
	error: string | null;
};

/**
 * Notes that a run begins.
 *
 * @param db of the role that owns the schema
 * @returns its id, for `endRun`
 */
export async function startRun(db: Knex, kind: MaintenanceKind): Promise<string> {
	await db.raw('delete from maintenance_runs where started_at < now() - ?::interval', [
		rememberedFor,
	]);
	const {rows} = await db.raw<{rows: [{id: string}]}>(
		'insert into maintenance_runs (kind) values (?) returning id',
		[kind],
	);
	return rows[0].id;
}

/**
 * Notes how a run ended.
 *
 * @param db of the role that owns the schema
 * @param outcome the file, as far as it is known, and what failed, if anything did
 */
export async function endRun(
	db: Knex,
	id: string,
	outcome: Partial<RunFile> & {error?: string},
): Promise<void> {
	const {file = null, taken_at = null, bytes = null, sha256 = null, error = null} = outcome;
	await db.raw(
		`update maintenance_runs set ended_at = clock_timestamp(), succeeded = :error::text is null, file = :file,
			taken_at = :taken_at, bytes = :bytes, sha256 = decode(:sha256, 'hex'), error = :error
		where id = :id`,
		{id, file, taken_at, bytes, sha256, error},
	);
}

/** Of each kind: the newest run, however it ended, and the newest that succeeded. */
export type NewestRuns = Record<
	MaintenanceKind,
	{newest: MaintenanceRun | undefined; succeeded: MaintenanceRun | undefined}
>;

/** Any role of ours may ask. Two rows of an index for each kind. */
export async function newestRuns(db: Knex): Promise<NewestRuns> {
	const {rows} = await db.raw<{rows: (MaintenanceRun & {which: 'newest' | 'succeeded'})[]}>(
		`select which, r.id, r.kind, r.started_at, r.ended_at, r.succeeded, r.file, r.taken_at, r.bytes::float8 as bytes,
			encode(r.sha256, 'hex') as sha256, r.error
		from unnest(:kinds::text[]) as k (kind), unnest(array['newest', 'succeeded']) as w (which),
		lateral (
			select * from maintenance_runs where kind = k.kind and (which = 'newest' or succeeded)
			order by started_at desc limit 1
		) as r`,
		{kinds: [...maintenanceKinds]},
	);
	const of = (kind: MaintenanceKind) => {
		const find = (which: string) => {
			const found = rows.find((row) => row.kind === kind && row.which === which);
			if (found === undefined) return undefined;
			const {which: _, ...run} = found;
			return run;
		};
		return {newest: find('newest'), succeeded: find('succeeded')};
	};
	return {backup: of('backup'), restore: of('restore'), drill: of('drill')};
}
