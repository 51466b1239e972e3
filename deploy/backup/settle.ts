import type {Manifest} from './manifest.ts';

/*
What a restore changes in what it restored, in the same transaction: nobody sees the data of yesterday as if
it were today's.
*/

/** Numbers of events go on beyond all that were given since the backup. */
const skippedEvents = 1_000_000;

const notSent =
	'not sent: the appliance was restored from a backup, and it may have been sent before';

const always = `
set search_path = public, pg_temp;
delete from verifiers;
delete from workers;
update sessions set ended_at = now(), ended_reason = 'restored from a backup' where ended_at is null;
delete from password_resets;
delete from device_logins;
delete from invitations;
update event_sequences set last = last + ${skippedEvents};
`;

/** The statuses are those of deliveries that have not come to an end. */
const sendNothingAgain = `
update webhook_deliveries set status = 'cancelled', finished_at = now(), queued_at = null, lease_until = null, last_error = '${notSent}'
	where status in ('pending', 'queued', 'sending');
update api_keys set expiry_announced_at = now() where expires_at <= now() and expiry_announced_at is null;
update api_keys set expiry_warned_days = case when expires_at <= now() + interval '1 day' then 1 else 7 end
	where expires_at > now() and expires_at <= now() + interval '7 days';
`;

const sendAgain = `
update webhook_deliveries set status = 'pending', next_at = now(), queued_at = null, lease_until = null
	where status in ('queued', 'sending');
`;

/** @param backup the file that is restored, for the run that made it */
export function settle(
	manifest: Manifest,
	backup: {name: string; bytes: number; sha256: string},
	sendsMissedWebhooks: boolean,
): string {
	const made = `update maintenance_runs set ended_at = ${literal(manifest.taken_at)}, succeeded = true,
	file = ${literal(backup.name)}, taken_at = ${literal(manifest.taken_at)}, bytes = ${backup.bytes}, sha256 = decode('${backup.sha256}', 'hex')
	where id = '${manifest.run_id}';
`;
	return always + made + (sendsMissedWebhooks ? sendAgain : sendNothingAgain);
}

/** SQL that fails, naming the table, unless every table holds as many rows as the backup says. */
export function compareCounts(tables: Manifest['tables']): string {
	const checks = Object.entries(tables).map(([name, {rows, bounds = null}]) => {
		const table = `public.${identifier(name)}`;
		const place =
			bounds === null
				? ''
				: `if (select pg_get_expr(relpartbound, oid) from pg_class where oid = ${literal(table)}::regclass) is distinct from ${literal(bounds)} then raise exception 'partition % has other bounds than in the backup', ${literal(name)}; end if;\n`;
		return `${place}select count(*) into found from ${table}; if found <> ${rows} then raise exception 'table % holds % rows, and ${rows} are in the backup', ${literal(name)}, found; end if;\n`;
	});
	return `set search_path = public, pg_temp;\ndo $check$ declare found bigint; begin\n${checks.join('')}end $check$;\n`;
}

function identifier(name: string): string {
	return `"${name.replaceAll('"', '""')}"`;
}

function literal(text: string): string {
	return `'${text.replaceAll("'", "''")}'`;
}
