import * as z from 'zod';
import {keyDetail, updateKeyRequest} from './keys.ts';
import {maxNoteLength, name, timestamp} from './text.ts';

/** Replacing a key by another one, while both are accepted. */

/** How long the old key goes on where nobody says, and at most. */
export const defaultGraceSeconds = 86_400;
export const maxGraceSeconds = 2_592_000;
/** Unused for less than this, a key may still have a user. */
export const leastUnusedSeconds = 3600;

function seconds(field: string, least: number, most: number) {
	const error = `${field} must be a whole number from ${least} to ${most}`;
	return z.int({error}).min(least, {error}).max(most, {error});
}

/** The new key is as the old one, changed by what is named as a change would be. */
export const rotateKeyRequest = z.strictObject({
	...updateKeyRequest.shape,
	/** 0: the old key is revoked at once. */
	grace_seconds: seconds('grace_seconds', 0, maxGraceSeconds).optional(),
	/** The grace ends earlier, once the old key was not used for so long. */
	finish_when_unused_seconds: seconds(
		'finish_when_unused_seconds',
		leastUnusedSeconds,
		maxGraceSeconds,
	).optional(),
	/** The key before this one is ended first, if it is still in its grace. */
	finish_previous: z.boolean({error: 'finish_previous must be true or false'}).optional(),
	/** For whoever meets it later. */
	reason: name('reason', maxNoteLength).nullable().optional(),
});

/** The key that was replaced. */
export const previousKey = z.strictObject({
	id: z.uuid(),
	hint: z.string(),
	/** Null: it is refused already. */
	grace_until: timestamp.nullable(),
});

const {id, name: keyName, ...others} = keyDetail.shape;

/** The answer to a rotation: with that to its creation the only one that holds a key itself. */
export const rotatedKey = z.strictObject({
	id,
	name: keyName,
	key: z.string(),
	...others,
	previous: previousKey,
});

export type RotateKeyRequest = z.output<typeof rotateKeyRequest>;
export type PreviousKey = z.infer<typeof previousKey>;
export type RotatedKey = z.infer<typeof rotatedKey>;
