/** Milliseconds on the monotonic clock of the driver, which is one process. */
export type Instant = number;

/** Whether the driver's own address is among those allowed; whether the scope is there that it asks for. */
export type Patched = 'address' | 'scope';

/** One request as the driver saw it: it took effect, if at all, between the two instants. */
export type Operation = {
	/**
	 * `create` is of a key; that of an organisation is a `plan`. A `write` makes a row, with a key or
	 * by a person; it is `sent` when its body is whole. `revoke` is of the key, or disables the person.
	 * `patch` changes from where the key may be used, or what for.
	 */
	kind: 'create' | 'use' | 'write' | 'revoke' | 'suspend' | 'resume' | 'patch' | 'plan';
	organisation: string;
	/** Id of the key or person, never the key; empty for `plan` and for a creation that gave none. */
	key: string;
	/** Of `plan`: the new one. */
	plan?: 'team' | 'free';
	/** Of `patch`: what the driver's uses lack from then on, or have again. */
	shuts?: Patched;
	opens?: Patched;
	server: string;
	/** Of `write`: when its head was sent, and a server that is killed may end it. */
	beganAt?: Instant;
	sentAt: Instant;
	answeredAt: Instant;
	/** Undefined where the connection failed or no answer came. */
	status: number | undefined;
	/** Servers that the answer excuses by name, and until when; `*` is any. */
	unconfirmed: readonly {server: string; until: Instant}[];
	/** Of `write`: its row, which was there in the end or not, and then maybe came after the answer to a revocation. */
	row?: {name: string; isMade: boolean; isLate: boolean};
};

/** Something that was done to the system; a killed server may leave requests unanswered. */
export type Fault = {kind: string; server?: string; from: Instant; to: Instant};

export type History = {operations: readonly Operation[]; faults: readonly Fault[]};
