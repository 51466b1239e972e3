/** The UUID of nothing (RFC 9562, 5.9). */
export const nilUuid = '00000000-0000-0000-0000-000000000000';

/** An id that is no UUID is simply one that nothing has. */
export function isUuid(text: string): boolean {
	return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text);
}
