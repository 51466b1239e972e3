import type {ShownTerms} from '../../contract/key-terms.ts';
import {createShared} from './shared.ts';

/** What a key says of what it is for, as the check of a key tells it. It decides nothing. */
export type KeyLabels = {
	readonly owner: ShownTerms['owner'];
	readonly tags: readonly string[];
	readonly metadata: ShownTerms['metadata'];
	/** About how many bytes they take in memory. */
	readonly bytes: number;
};

export const noLabels: Omit<KeyLabels, 'bytes'> = {owner: null, tags: [], metadata: {}};

type Read = [owner: KeyLabels['owner'], tags: string[], metadata: KeyLabels['metadata']];

/** Of the text with owner, tags and metadata that PostgreSQL writes: equal ones are kept once. */
export const labelsOf = createShared((text): KeyLabels => {
	const [owner, tags, metadata] = JSON.parse(text) as Read;
	return {
		// PostgreSQL keeps its members in an order of its own.
		owner: owner && {type: owner.type, id: owner.id},
		tags,
		metadata,
		bytes: 400 + 5 * text.length,
	};
});
