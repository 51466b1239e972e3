import {newestRuns, type MaintenanceRun} from '../../maintenance/runs.ts';
import type {HealthCheck, Seen} from '../check.ts';
import {duration} from '../words.ts';

const hour = 3600;
const day = 24 * hour;
/** A backup that began longer ago and did not end was killed, in seconds. */
const longestRun = day;

export const backupsChecks: readonly HealthCheck[] = [
	{
		id: 'backups.backup',
		title: 'A backup was made within 26 hours; after 7 days that is a failure',
		needs: ['schema'],
		follows: 'What was made since the last one is lost with the disk.',
		remedy: 'Make one now, and one each night by cron: docs/backup.md.',
		async look({db, thresholds}) {
			const {backup} = await newestRuns(db);
			if (backup.succeeded === undefined) {
				return [
					...failed('backup', backup.newest),
					{
						level: 'warning',
						what: 'No backup has ever been made.',
						follows: 'If the disk is lost, everything is lost.',
					},
				];
			}
			const age = ageOf(backup.succeeded);
			const seen = failed('backup', backup.newest);
			if (age > thresholds.backupWarningHours * hour) {
				seen.push({
					level: age > thresholds.backupFailureDays * day ? 'failure' : 'warning',
					what: `The last backup is ${duration(age)} old.`,
				});
			}
			return seen;
		},
	},
	{
		id: 'backups.drill',
		title: 'A backup was restored on trial within 35 days',
		needs: ['schema'],
		follows: 'It is not known whether the backups can be restored.',
		remedy: 'Try it: `latchkey drill`, each month by cron: docs/backup.md.',
		async look({db, thresholds}) {
			const {backup, drill} = await newestRuns(db);
			// Without a backup there is nothing to try.
			if (backup.succeeded === undefined) return [];
			const seen = failed('drill', drill.newest);
			if (drill.succeeded === undefined) {
				return [...seen, {level: 'warning', what: 'No backup has ever been restored on trial.'}];
			}
			const age = ageOf(drill.succeeded);
			if (age > thresholds.drillDays * day) {
				seen.push({level: 'warning', what: `The last drill was ${duration(age)} ago.`});
			}
			return seen;
		},
	},
];

/** In seconds, since what is in the file; by the clock of this machine, which another check looks at. */
function ageOf({taken_at: taken, ended_at: ended, started_at: started}: MaintenanceRun): number {
	return (Date.now() - (taken ?? ended ?? started).getTime()) / 1000;
}

/** What is to be said of a run that ended badly, or not at all. */
function failed(kind: string, run: MaintenanceRun | undefined): Seen[] {
	if (run === undefined || run.succeeded === true) return [];
	const ago = duration((Date.now() - run.started_at.getTime()) / 1000);
	if (run.ended_at === null) {
		if (Date.now() - run.started_at.getTime() < longestRun * 1000) return [];
		return [
			{level: 'warning', what: `The last ${kind} began ${ago} ago and never ended: it was killed.`},
		];
	}
	return [
		{
			level: 'failure',
			what: `The last ${kind} failed ${ago} ago: ${run.error ?? 'no reason was recorded'}.`,
		},
	];
}
