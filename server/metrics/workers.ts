import type {Knex} from 'knex';
import type {Registry} from 'prom-client';
import {jobNames} from '../../core/jobs.ts';
import {workerFigures} from '../../core/workers/figures.ts';
import {measureAnswer, single} from './answers.ts';

/** What workers say of themselves, as PostgreSQL has it. */
export function measureWorkers(registry: Registry, db: Knex): void {
	measureAnswer(registry, () => workerFigures(db), [
		{
			name: 'latchkey_workers',
			help: 'Workers that run; and lost ones, not heard of for ten seconds and forgotten after a day.',
			label: 'state',
			values: ({running, lost}) => [
				{label: 'running', value: running},
				{label: 'lost', value: lost},
			],
		},
		single(
			'latchkey_usage_settled_age_seconds',
			'Time since a worker moved usage to PostgreSQL; nothing after a day.',
			({settledSeconds}) => settledSeconds,
		),
		single(
			'latchkey_webhook_pass_age_seconds',
			'Time since a worker looked for deliveries of webhooks that are due; nothing after a day.',
			({pumpedSeconds}) => pumpedSeconds,
		),
		{
			name: 'latchkey_jobs_failing',
			help: 'Workers that run and whose last pass of the job failed.',
			// Not `job`: Prometheus calls its own targets so.
			label: 'task',
			values: ({failingJobs}) =>
				jobNames.map((job) => ({
					label: job,
					value: failingJobs.filter((name) => name === job).length,
				})),
		},
	]);
}
