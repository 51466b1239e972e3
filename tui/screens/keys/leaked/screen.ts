import type {PastedKey} from '../../../api-keys/pasted.ts';
import type {Recognition} from '../../../api-keys/recognise.ts';
import type {KeyUse} from '../../../app/effect.ts';
import type {KeyUsageRead} from '../../../usage/reads.ts';

/** What is known of a key that somebody pasted or typed, and what can be done about it. */
export type LeakedKeyScreen = {
	readonly type: 'leakedKey';
	/** Typed still, or asked about: the key itself, which is forgotten once it is recognised. */
	readonly secret?: PastedKey;
	/** What is drawn of it, and how much of it there was. */
	readonly hint: string;
	readonly masked: (mask: string) => string;
	readonly asking: boolean;
	readonly told?: Recognition;
	/** Why it could not be asked about. */
	readonly problem?: string;
	/** Of a key of this organisation. */
	readonly use?: KeyUse;
	readonly read?: KeyUsageRead;
	/** Which of the ways out is under the cursor. */
	readonly at: number;
};
