import * as z from 'zod';
import {wholeParameter} from './text.ts';

export const maxPageSize = 1000;

/**
 * Paging of every list. Without `limit` a list is whole (the published contract); with it, a page
 * comes with a `Link: <…>; rel="next"` header (RFC 8288) as long as there is more.
 */
export const pageQuery = z.strictObject({
	limit: wholeParameter('limit', maxPageSize).optional(),
	cursor: z
		.string({error: 'cursor is not valid'})
		.max(512, {error: 'cursor is not valid'})
		.optional(),
});

export type PageQuery = z.infer<typeof pageQuery>;
