import {createHmac, timingSafeEqual} from 'node:crypto';

const macLength = 16;

/**
 * Opaque cursors for paging. Signed and bound to what is listed, so that one taken from another
 * organisation's list, or made up, is refused.
 */
export function createCursors(key: Buffer) {
	const sign = (list: string, payload: Buffer) =>
		createHmac('sha256', key)
			.update(list)
			.update('\0')
			.update(payload)
			.digest()
			.subarray(0, macLength);

	return {
		/**
		 * @param list names what is listed, such as `keys:<organisation id>`
		 * @param place where to go on, as the list writes it
		 */
		encode(list: string, place: string): string {
			const payload = Buffer.from(place);
			return Buffer.concat([sign(list, payload), payload]).toString('base64url');
		},

		/** @returns undefined for a cursor that was not made for this list */
		decode(list: string, cursor: string): string | undefined {
			const bytes = Buffer.from(cursor, 'base64url');
			if (bytes.length <= macLength || bytes.toString('base64url') !== cursor) return undefined;
			const payload = bytes.subarray(macLength);
			if (!timingSafeEqual(bytes.subarray(0, macLength), sign(list, payload))) return undefined;
			return payload.toString();
		},
	};
}

export type Cursors = ReturnType<typeof createCursors>;
