import type {Knex} from 'knex';
import type {Registry} from 'prom-client';
import {newestRuns, type MaintenanceRun} from '../../core/maintenance/runs.ts';
import {measureAnswer, single} from './answers.ts';

/** When it ended, in seconds since the epoch; 0: there was none, so that an alert tells that as well. */
const endOf = (run: MaintenanceRun | undefined) => (run?.ended_at?.getTime() ?? 0) / 1000;

/** When somebody last saw to it that data can be had back. */
export function measureMaintenance(registry: Registry, db: Knex): void {
	measureAnswer(registry, () => newestRuns(db), [
		single(
			'latchkey_backup_last_success_timestamp_seconds',
			'When a backup was last made, since the epoch; 0: not within 400 days.',
			({backup}) => endOf(backup.succeeded),
		),
		single(
			'latchkey_drill_last_success_timestamp_seconds',
			'When a backup was last restored for a trial, since the epoch; 0: not within 400 days.',
			({drill}) => endOf(drill.succeeded),
		),
	]);
}
