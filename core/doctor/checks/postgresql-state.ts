import type {HealthCheck, Seen} from '../check.ts';
import {readBloat, readMissingPartitions} from '../facts/postgresql.ts';
import {bytes, counted, duration, enumerated, percent} from '../words.ts';

/** How PostgreSQL keeps what it was given, and what keeps it busy. */
export const postgresqlStateChecks: readonly HealthCheck[] = [
	{
		id: 'postgresql.durability',
		title:
			'What PostgreSQL has acknowledged survives a power cut: fsync, full_page_writes, synchronous_commit',
		needs: ['postgresql'],
		follows:
			'After a crash of the machine keys that were made are gone, revoked ones are valid again, or the data is damaged.',
		remedy: 'Take it out of postgresql.conf (alter system reset …), then select pg_reload_conf();',
		async look({facts}) {
			const {settings} = await facts.postgresql();
			return ['fsync', 'full_page_writes', 'synchronous_commit'].flatMap((name): Seen[] =>
				settings[name] === 'off'
					? [
							{
								level: 'failure',
								what: `${name} is off in PostgreSQL.`,
								...(name === 'synchronous_commit' && {
									follows:
										'The changes of the last moments before a crash are lost although they were acknowledged, revocations among them.',
								}),
							},
						]
					: [],
			);
		},
	},
	{
		id: 'postgresql.checksums',
		title: 'PostgreSQL has checksums of its data',
		needs: ['postgresql'],
		follows: 'A disk that returns something other than what was written is noticed late, or never.',
		remedy: 'While PostgreSQL is stopped: `pg_checksums --enable`.',
		async look({facts}) {
			const {settings} = await facts.postgresql();
			return settings['data_checksums'] === 'off'
				? [{level: 'warning', what: 'PostgreSQL keeps no checksums of its data.'}]
				: [];
		},
	},
	{
		id: 'postgresql.collation',
		title: 'Texts are sorted as when the indexes were built',
		needs: ['postgresql'],
		follows: 'Indexes over texts may miss rows, and let in what should be unique.',
		remedy: 'As the owner: reindex database; then alter database … refresh collation version;',
		async look({facts}) {
			const {collationVersion: then, actualCollationVersion: now} = await facts.postgresql();
			if (then === null || now === null || then === now) return [];
			return [
				{
					level: 'failure',
					what: `The database was made with version ${then} of its collation, and the system has ${now}.`,
				},
			];
		},
	},
	{
		id: 'postgresql.replication',
		title: 'Standbys follow within 30 s, and no replication slot keeps WAL for nobody',
		needs: ['postgresql'],
		follows: 'WAL is kept until the disk is full; a failover loses what a late standby lacks.',
		remedy:
			'Start the standby that uses the slot, or drop the slot: select pg_drop_replication_slot(…);',
		async look({facts, thresholds}) {
			const {slots, standbys} = await facts.replication();
			return [
				...slots.flatMap(({name, isActive, keptBytes, walStatus}): Seen[] => {
					const isLost = walStatus === 'lost' || walStatus === 'unreserved';
					if (isActive && !isLost && keptBytes < thresholds.slotBytes) return [];
					const state = isLost ? `is ${walStatus}` : isActive ? 'is late' : 'is used by nobody';
					return [
						{
							level: 'warning',
							what: `The replication slot ${name} ${state} and keeps ${bytes(keptBytes)} of WAL.`,
						},
					];
				}),
				...standbys.flatMap(({name, lagSeconds}): Seen[] =>
					lagSeconds <= thresholds.standbyLagSeconds
						? []
						: [
								{
									level: 'warning',
									what: `The standby ${name} is ${duration(lagSeconds)} behind.`,
									follows: 'If it had to lead now, what was acknowledged since then would be lost.',
									remedy: 'See its log, its disk and the network between the two.',
								},
							],
				),
			];
		},
	},
	{
		id: 'postgresql.locks',
		title: 'Nobody waits for a lock for more than 10 s',
		needs: ['postgresql'],
		follows: 'Changes wait behind it and are answered 503; a migration may stand still.',
		remedy: 'See who holds it in pg_stat_activity, and end it: select pg_terminate_backend(…);',
		async look({facts}) {
			const {waiting} = await facts.slowWork();
			const [longest] = waiting;
			if (longest === undefined) return [];
			const {pid, seconds, what, holders} = longest;
			const more = waiting.length === 1 ? '' : `, and ${waiting.length - 1} more wait`;
			return [
				{
					level: 'warning',
					what: `Session ${pid} has waited for ${what} for ${duration(seconds)}, which ${holders.join(', ') || 'another one'} holds${more}.`,
				},
			];
		},
	},
	{
		id: 'postgresql.transactions',
		title: 'No transaction is open for more than 5 minutes, or was prepared and left behind',
		needs: ['postgresql'],
		follows:
			'Rows that were deleted or replaced since then are kept: tables grow, and all of it gets slower.',
		remedy: 'End it: select pg_terminate_backend(…); of a prepared one, rollback prepared ….',
		async look({facts}) {
			const {open, prepared} = await facts.slowWork();
			return [
				...open.map(({pid, seconds, name, isIdle}): Seen => ({
					level: 'warning',
					what: `Session ${pid} (${name}) has had a transaction open for ${duration(seconds)}${isIdle ? ', and does nothing' : ''}.`,
				})),
				...prepared.map(({name, seconds}): Seen => ({
					level: 'warning',
					what: `The transaction ${name} was prepared ${duration(seconds)} ago, and nobody ended it.`,
				})),
			];
		},
	},
	{
		id: 'postgresql.vacuum',
		title: 'Autovacuum is on, and no large table holds more dead rows than live ones',
		needs: ['postgresql'],
		follows: 'Tables and indexes grow without end, and reading them gets slower.',
		remedy: 'alter system reset autovacuum; vacuum the tables named: vacuum (analyze) …;',
		async look({db, facts, thresholds}) {
			const {settings} = await facts.postgresql();
			const seen: Seen[] = [];
			if (settings['autovacuum'] === 'off' || settings['track_counts'] === 'off') {
				seen.push({level: 'failure', what: 'Autovacuum of PostgreSQL is off.'});
			}
			const bloated = await readBloat(db, thresholds.leastDeadRows);
			if (bloated.length > 0) {
				const tables = bloated.map(({name, dead}) => `${name} (${counted(dead, 'dead row')})`);
				seen.push({
					level: 'warning',
					what: `Tables hold more dead rows than live ones: ${enumerated(tables)}.`,
				});
			}
			return seen;
		},
	},
	{
		id: 'postgresql.transaction_ids',
		title: 'PostgreSQL has transaction ids left: at most 500 million are in use',
		needs: ['postgresql'],
		follows: 'When they run out, PostgreSQL takes no changes until the database was vacuumed.',
		remedy: 'As the owner: vacuum (freeze); and see what keeps autovacuum from doing it.',
		async look({facts, thresholds}) {
			const {transactionIdAge, multixactAge} = await facts.postgresql();
			const age = Math.max(transactionIdAge, multixactAge);
			if (age < thresholds.transactionIdsWarning) return [];
			const level = age < thresholds.transactionIdsFailure ? 'warning' : 'failure';
			return [
				{
					level,
					what: `The oldest row is ${age.toLocaleString('en')} transactions old (${percent(age / 2 ** 31)} of what there is).`,
				},
			];
		},
	},
	{
		id: 'postgresql.partitions',
		title: 'Partitions of usage are there for this time and the next',
		needs: ['schema'],
		follows:
			'Rows land in the default partitions: nothing is lost, but old ones go slowly, and reading gets slower.',
		remedy:
			'A worker makes them every six hours: see its log for keep-partitions. By hand, as the role of the programs: select keep_usage_partitions(4, 4, 400, 8);',
		async look({db}) {
			const missing = await readMissingPartitions(db);
			if (missing.length === 0) return [];
			const names = missing.map(({parent, begins}) => `${parent} from ${begins}`);
			return [{level: 'warning', what: `Partitions are missing: ${enumerated(names)}.`}];
		},
	},
];
