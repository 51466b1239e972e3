/** Milliseconds on the monotonic clock of the driver, which is one process. */
export type Instant = number;

/**
 * Whether the driver's own address is among those allowed; whether the key has the scope that is asked
 * for; whether it has the role that gives it that; whether the role has it.
 */
export type Patched = 'address' | 'scope' | 'role' | 'roleScope';

/** One request as the driver saw it: it took effect, if at all, between the two instants. */
export type Operation = {
	/**
	 * `create` is of a key; that of an organisation is a `plan`. A `write` makes a row, with a key or
	 * by a person; it is `sent` when its body is whole. `revoke` is of the key, or disables the person.
	 * `patch` changes from where the key may be used, or what for. `rotate` is of the old key, and a
	 * `create` of the new one; `finish` and `cancel` are of the old one, too. `role` makes the role of an
	 * organisation, or changes what its keys may be used for.
	 */
	kind:
		| 'create'
		| 'use'
		| 'write'
		| 'revoke'
		| 'suspend'
		| 'resume'
		| 'patch'
		| 'rotate'
		| 'finish'
		| 'cancel'
		| 'role'
		| 'plan';
	organisation: string;
	/**
	 * Id of the key or person, never the key; empty for `plan` and `role`, and for a creation that gave
	 * none.
	 */
	key: string;
	/** Of `plan`: the new one. */
	plan?: 'team' | 'free';
	/** Of `create`: the key may be used for what the role of its organisation has, and nothing else. */
	isByRole?: boolean;
	/** Of `patch` and `role`: what the driver's uses lack from then on, or have again. */
	shuts?: Patched;
	opens?: Patched;
	/** Of `rotate` that was answered, `finish` and `cancel`: id of the new key. */
	successor?: string;
	/** Of `rotate` with a grace: when that ends; undefined where no answer tells. Null: it ends at once. */
	graceUntil?: Instant | null | undefined;
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
