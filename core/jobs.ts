/** The queue of time-driven work, and its jobs: the only link between who plans and who does. */
export const maintenanceQueue = 'maintenance';
/** Deliveries that are due. Apart: a slow receiver delays no maintenance. */
export const webhookQueue = 'webhooks';

export const jobNames = [
	'flush-usage',
	'keep-partitions',
	'prune-seen',
	'prune-sessions',
	'prune-device-logins',
	'prune-idempotency-keys',
	'keep-signing-keys',
	'announce-expiries',
	'follow-rotations',
	'announce-due-rotations',
	'announce-denials',
	'count-keys',
	'announce-first-uses',
	'suspend-idle-keys',
	'prune-webhooks',
	'sign-audit-heads',
] as const;
export type JobName = (typeof jobNames)[number];
