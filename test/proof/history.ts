/** Milliseconds on the monotonic clock of the driver, which is one process. */
export type Instant = number;

/** One request as the driver saw it: it took effect, if at all, between the two instants. */
export type Operation = {
	/** `create` is of a key; that of an organisation is a `plan`. */
	kind: 'create' | 'use' | 'revoke' | 'plan';
	organisation: string;
	/** Id of the key, never the key; empty for `plan` and for a creation that gave none. */
	key: string;
	/** Of `plan`: the new one. */
	plan?: 'team' | 'free';
	server: string;
	sentAt: Instant;
	answeredAt: Instant;
	/** Undefined where the connection failed or no answer came. */
	status: number | undefined;
	/** Servers that the answer excuses by name, and until when; `*` is any. */
	unconfirmed: readonly {server: string; until: Instant}[];
};

/** Something that was done to the system; a killed server may leave requests unanswered. */
export type Fault = {kind: string; server?: string; from: Instant; to: Instant};

export type History = {operations: readonly Operation[]; faults: readonly Fault[]};
