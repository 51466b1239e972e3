import type {PageQuery} from '../../contract/paging.ts';
import {maxPageSize} from '../../contract/paging.ts';
import type {Column} from './answer.ts';
import type {Context} from './command.ts';

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
const moreKeys = 'There are more: --limit N shows so many.';

/** A report: all of it, or the ids alone, or what it counts and its keys, as the options say. */
export function showReport<Key extends {id: string}>(
	{flags, output, now}: Pick<Context, 'flags' | 'output' | 'now'>,
	{found, isAll}: {found: {keys: Key[]}; isAll: boolean},
	{facts, columns}: {facts: [string, string][]; columns: readonly Column<Key>[]},
): void {
	if (flags['json'] === true) return output.json(found);
	if (flags['quiet'] === true) return output.lines(found.keys.map(({id}) => id));
	output.facts(facts);
	if (found.keys.length > 0) {
		output.lines(['']);
		output.table(
			columns.map(([title]) => title.toUpperCase()),
			found.keys.map((key) => columns.map(([, cell]) => cell(key, now))),
		);
	}
	if (!isAll) output.say(moreKeys);
}
