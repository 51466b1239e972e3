/** From where on something is told of. */
export const thresholds = {
	/** A clock that is off by more, in milliseconds. */
	clockWarningMs: 2000,
	clockFailureMs: 30_000,
	/** A transaction that is open for longer, in seconds. */
	transactionSeconds: 300,
	/** Who waits for a lock for longer, in seconds. */
	lockSeconds: 10,
	/** Tables with fewer dead rows are not looked at. */
	leastDeadRows: 100_000,
	/** WAL that a replication slot keeps, in bytes. */
	slotBytes: 2 ** 30,
	standbyLagSeconds: 30,
	/** Of the two billion that there are. */
	transactionIdsWarning: 500_000_000,
	transactionIdsFailure: 1_500_000_000,
	/** Part of the connections, or of the memory of Redis, that is in use. */
	usedWarning: 0.8,
	usedFailure: 0.95,
	/** Use that is later is behind, in seconds: the worker writes it every two. */
	usageBehindSeconds: 30,
	/** A queue whose oldest job has been due for longer is behind; so are webhooks. */
	queueBehindSeconds: 60,
	/** The worker signs the audit trail every ten minutes. */
	unsignedSeconds: 3600,
	/** Backups are made each night. */
	backupWarningHours: 26,
	backupFailureDays: 7,
	drillDays: 35,
	masterKeyDays: 730,
	certificateDays: 14,
	/** Of the file system with the data. */
	diskWarning: {part: 0.05, bytes: 2 * 2 ** 30},
	diskFailure: {part: 0.01, bytes: 200 * 2 ** 20},
	leastMemoryBytes: 900 * 2 ** 20,
	/** Of the memory of the machine, or of what a container may have. */
	memoryUsed: 0.95,
};

export type Thresholds = typeof thresholds;
