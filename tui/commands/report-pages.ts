import type {PageQuery} from '../../contract/paging.ts';
import {maxPageSize} from '../../contract/paging.ts';

/* Reports: what is told of all keys, with the first page, and the keys page by page. */

/** Keys of an answer where `--limit` does not say, as the API has it. */
export const usualKeys = 100;

type Page<Report> = {readonly body: Report; readonly next?: string | undefined};
type Asked = {limit: string; cursor: PageQuery['cursor']};

/** As many keys as are wanted, with what the first page tells. @throws {Failure} */
export async function readReport<Report extends {keys: object[]}>(
	read: (query: Asked) => Promise<Page<Report>>,
	most = usualKeys,
): Promise<{found: Report; isAll: boolean}> {
	const page = (count: number, cursor?: string) =>
		read({limit: String(Math.min(count, maxPageSize)), cursor});
	const {body: first, next} = await page(most);
	const keys = [...first.keys];
	let cursor = next;
	while (cursor !== undefined && keys.length < most) {
		const more = await page(most - keys.length, cursor);
		keys.push(...more.body.keys);
		cursor = more.next;
	}
	return {found: {...first, keys}, isAll: cursor === undefined};
}

/** Said where there are more keys than were shown. */
export const moreKeys = 'There are more: --limit N shows so many.';
