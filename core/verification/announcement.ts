/** What the triggers announce in `latchkey_changes` (migrations/0002), and `change` after it where somebody waits. */
export type Announcement =
	| {key: string}
	| {organisation: string}
	| {everything: true}
	/** `<change id>@<verifier id of who waits>` */
	| {change: string};

const changeShape = /^[0-9a-f-]{36}@[0-9a-f-]{36}$/;

/** Anybody in the database can send a notification: one that is not ours evicts everything. */
export function parseAnnouncement(payload: string): Announcement {
	let value: unknown;
	try {
		value = JSON.parse(payload);
	} catch {
		return {everything: true};
	}
	const {key, organisation, change} = (value ?? {}) as Record<string, unknown>;
	if (typeof key === 'string') return {key};
	if (typeof organisation === 'string') return {organisation};
	if (typeof change === 'string' && changeShape.test(change)) return {change};
	return {everything: true};
}
