/** The queue of time-driven work, and its jobs: the only link between who plans and who does. */
export const maintenanceQueue = 'maintenance';

export const jobNames = [
	'flush-usage',
	'make-partitions',
	'prune-sessions',
	'keep-signing-keys',
] as const;
export type JobName = (typeof jobNames)[number];
