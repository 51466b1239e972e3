/** The queue of time-driven work, and its jobs: the only link between who plans and who does. */
export const maintenanceQueue = 'maintenance';

export const jobNames = ['flush-usage', 'make-partitions', 'prune-sessions'] as const;
export type JobName = (typeof jobNames)[number];
