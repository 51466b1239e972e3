/*
Series for `promtool test rules`, a value each minute: of an appliance that is well, and what differs where
an alert should fire half an hour later.
*/

const target = 'job="latchkey",instance="one:8080"';
const requests = (status: number) =>
	`latchkey_http_request_duration_seconds_count{${target},method="POST",route="/api/v1/keys/verify",status="${status}"}`;
const bucket = (le: string) =>
	`latchkey_http_request_duration_seconds_bucket{${target},method="POST",route="/api/v1/keys/verify",status="200",le="${le}"}`;
const checks = (outcome: string) => `latchkey_key_checks_total{${target},outcome="${outcome}"}`;
const of = (name: string, labels = '') => `${name}{${target}${labels && `,${labels}`}}`;

const growing = (by: number) => `0+${by}x40`;
const always = (value: number) => `${value}x40`;

export const quiet: Record<string, string> = {
	[`up{${target}}`]: always(1),
	[of('latchkey_lease_held')]: always(1),
	[of('latchkey_too_old')]: always(0),
	[requests(200)]: growing(6000),
	[requests(503)]: growing(1),
	[bucket('0.1')]: growing(6000),
	[bucket('0.25')]: growing(6000),
	[bucket('+Inf')]: growing(6000),
	[of('latchkey_connections_dropped_total')]: always(3),
	[of('latchkey_nodejs_eventloop_lag_p99_seconds')]: always(0.01),
	[of('latchkey_limits_redis_away')]: always(0),
	[of('latchkey_workers', 'state="running"')]: always(1),
	[of('latchkey_workers', 'state="lost"')]: always(0),
	[of('latchkey_jobs_failing', 'task="flush-usage"')]: always(0),
	[of('latchkey_usage_unsent_seconds')]: always(1),
	[of('latchkey_usage_settled_age_seconds')]: always(2),
	[of('latchkey_usage_dropped')]: always(7),
	[checks('valid')]: growing(6000),
	[checks('expired')]: growing(60),
	[checks('unknown')]: growing(1),
	[of('latchkey_keys_expiring', 'within="1d"')]: always(0),
	[of('latchkey_keys_expiring', 'within="7d"')]: always(5),
	[of('latchkey_keys_counted_age_seconds')]: always(30),
	[of('latchkey_webhook_oldest_due_seconds')]: always(2),
	[of('latchkey_webhook_pass_age_seconds')]: always(1),
	[of('latchkey_webhook_disabled_endpoints')]: always(0),
	[of('latchkey_audit_unsigned_seconds')]: always(300),
	[of('latchkey_backup_last_success_timestamp_seconds')]: always(-80_000),
	[of('latchkey_drill_last_success_timestamp_seconds')]: always(-2_500_000),
	[of('latchkey_clock_offset_seconds')]: always(-0.1),
	[of('latchkey_log_lines_lost')]: always(2),
};

/** By the alert that should fire. */
export const firing: Record<string, Record<string, string>> = {
	LatchkeyServerDown: {[`up{${target}}`]: always(0)},
	LatchkeyLeaseLost: {[of('latchkey_lease_held')]: always(0)},
	LatchkeyTooOld: {[of('latchkey_too_old')]: always(1)},
	LatchkeyErrors: {[requests(503)]: growing(100)},
	LatchkeyChecksSlow: {[bucket('0.1')]: growing(5000)},
	LatchkeyConnectionsDropped: {[of('latchkey_connections_dropped_total')]: growing(1)},
	LatchkeyEventLoopSlow: {[of('latchkey_nodejs_eventloop_lag_p99_seconds')]: always(0.5)},
	LatchkeyRedisAway: {[of('latchkey_limits_redis_away')]: always(1)},
	LatchkeyNoWorker: {[of('latchkey_workers', 'state="running"')]: always(0)},
	LatchkeyTaskFailing: {[of('latchkey_jobs_failing', 'task="flush-usage"')]: always(1)},
	LatchkeyUsageNotSent: {[of('latchkey_usage_unsent_seconds')]: growing(60)},
	LatchkeyUsageNotSettled: {[of('latchkey_usage_settled_age_seconds')]: growing(60)},
	LatchkeyUsageDropped: {[of('latchkey_usage_dropped')]: growing(1)},
	LatchkeyRefusalsMany: {[checks('expired')]: growing(3000)},
	LatchkeyKeysGuessed: {[checks('unknown')]: growing(1200)},
	LatchkeyKeysExpiring: {[of('latchkey_keys_expiring', 'within="1d"')]: always(2)},
	LatchkeyKeysNotCounted: {[of('latchkey_keys_counted_age_seconds')]: growing(60)},
	LatchkeyWebhooksLate: {[of('latchkey_webhook_oldest_due_seconds')]: growing(60)},
	LatchkeyWebhooksNotLookedFor: {[of('latchkey_webhook_pass_age_seconds')]: growing(60)},
	LatchkeyWebhookEndpointDisabled: {[of('latchkey_webhook_disabled_endpoints')]: always(1)},
	LatchkeyAuditUnsigned: {[of('latchkey_audit_unsigned_seconds')]: growing(120)},
	// By promtool's clock the epoch has just begun.
	LatchkeyNoBackup: {[of('latchkey_backup_last_success_timestamp_seconds')]: always(-100_000)},
	LatchkeyNoDrill: {[of('latchkey_drill_last_success_timestamp_seconds')]: always(-3_200_000)},
	LatchkeyClockOff: {[of('latchkey_clock_offset_seconds')]: always(-3)},
	LatchkeyLogLinesLost: {[of('latchkey_log_lines_lost')]: growing(1)},
};
