import type {ErrorCode} from '../../contract/errors.ts';
import type {RequestedTerms} from '../../contract/key-terms.ts';

/** What a key is to carry, before it does. */
export type Proposal = {
	organisationId: string;
	/** All that it will carry. */
	terms: RequestedTerms;
	/** All that it carries now; undefined: it is to be made. */
	before?: RequestedTerms | undefined;
	/** When it was made; undefined: it is to be made. */
	createdAt?: Date | undefined;
};

/** Why something is not done with a key. Nothing was changed. */
export type KeyRefused = {
	kind: 'refused';
	code: ErrorCode;
	message?: string;
	field?: string;
};
