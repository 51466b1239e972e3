import type {AuditEntry} from '../../../../contract/audit-trail.ts';
import type {KeyLimitsState} from '../../../../contract/key-limits.ts';
import type {KeyClient} from '../../../../contract/usage.ts';
import type {KeyUse} from '../../../app/effect.ts';

export type KeyScreen = {
	readonly type: 'key';
	readonly id: string;
	/** The first line that is shown, where not all of them fit. */
	readonly offset?: number;
	readonly use?: KeyUse;
	/** Why there is no `use`, or none that is fresh. */
	readonly problem?: string;
	/** Of a rotation: from where the old key is used. */
	readonly oldClients?: {
		/** Of the old key. */
		readonly id: string;
		readonly clients: readonly KeyClient[];
	};
	/** What is left of its limits, which is read again and again while the screen is on top. */
	readonly limits?: KeyLimitsRead;
};

/** What is left of the limits of a key, as it was read last. */
export type KeyLimitsRead = {
	readonly reading: boolean;
	/** When to read it again, in ms since the epoch. */
	readonly nextAt: number;
	readonly state?: KeyLimitsState;
	/** Why there is no `state`, or none that is fresh. */
	readonly problem?: string;
};

/** Of the key that one looks at, on its screen or beside the list. */
export type KeyAround = {
	readonly id: string;
	/** When one began to look at it, or asked last, in ms since the epoch. */
	readonly at: number;
	readonly isAsked: boolean;
	readonly use?: KeyUse;
	/** Undefined: one may not see them, or an older server has none. */
	readonly clients?: readonly KeyClient[] | undefined;
	readonly entries?: readonly AuditEntry[] | undefined;
};
