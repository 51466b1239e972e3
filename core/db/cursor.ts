import {createHmac, timingSafeEqual} from 'node:crypto';
import type {Position} from './position.ts';

const macLength = 16;

/**
 * Opaque cursors for paging. Signed and bound to what is listed, so that one taken from another
 * organisation's list, or made up, is refused.
 */
export function cursors(key: Buffer) {
	const sign = (list: string, payload: Buffer) =>
		createHmac('sha256', key)
			.update(list)
			.update('\0')
			.update(payload)
			.digest()
			.subarray(0, macLength);

	return {
		/** @param list names what is listed, such as `keys:<organisation id>` */
		encode(list: string, position: Position): string {
			const payload = Buffer.from(`${position.createdAt} ${position.id}`);
			return Buffer.concat([sign(list, payload), payload]).toString('base64url');
		},

		/** @returns undefined for a cursor that was not made for this list */
		decode(list: string, cursor: string): Position | undefined {
			const bytes = Buffer.from(cursor, 'base64url');
			if (bytes.length <= macLength || bytes.toString('base64url') !== cursor) return undefined;
			const payload = bytes.subarray(macLength);
			if (!timingSafeEqual(bytes.subarray(0, macLength), sign(list, payload))) return undefined;
			const [createdAt = '', id = ''] = payload.toString().split(' ');
			return {createdAt, id};
		},
	};
}

export type Cursors = ReturnType<typeof cursors>;
