import type {FullKey} from '../../../../contract/keys.ts';
import type {ListOfKeys} from '../../../app/effect.ts';
import type {TextField} from '../../../components/text-field/state.ts';
import type {Why} from '../../kinds/confirm/why.ts';

/** What can be done to marked keys, the milder first: that can be taken back. */
export const cleanUpVerbs = ['suspend', 'revoke'] as const;
export type CleanUpVerb = (typeof cleanUpVerbs)[number];

/** A key, and the organisation that it is of. */
export type MarkedKey = FullKey & {readonly org_id: string};

/** What `tab` goes through. */
export type CleanUpField = 'keys' | 'verb' | 'code' | 'note' | 'word';

/** The question before marked keys are suspended or revoked. */
export type CleanUpScreen = {
	readonly type: 'cleanUp';
	readonly keys: readonly MarkedKey[];
	/** The list that they were marked in. */
	readonly reload: ListOfKeys;
	/** What the role may do. */
	readonly verbs: readonly CleanUpVerb[];
	readonly verb: CleanUpVerb;
	/** Ids of those that are left alone after all. */
	readonly dropped: ReadonlySet<string>;
	/** Ids of keys whose maker has left; undefined: not known. */
	readonly ofLeavers?: ReadonlySet<string>;
	readonly focus: CleanUpField;
	/** The key under the cursor, and the first line that is shown. */
	readonly index: number;
	readonly offset: number;
	readonly why: Why;
	readonly word: TextField;
	/** What is under way. */
	readonly busyText?: string;
	readonly problem?: string;
};
