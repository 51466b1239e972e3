import type {Router} from '@koa/router';
import {hygieneDefaults} from '../../contract/key-hygiene.ts';
import {toTimestamp} from '../../contract/text.ts';
import type {Deps} from '../../core/deps.ts';
import {askForHygiene, findHygiene, presentKeysToMend} from '../../core/key-hygiene/report.ts';
import {finishPage, pageOf} from '../http/page.ts';
import {Problem} from '../http/problem.ts';
import {mount} from '../http/route.ts';

/** Keys of a page where the query does not say: it is never whole. */
const pageSize = 100;

export function mountKeyHygiene(router: Router, deps: Deps): void {
	const {db, clock, cursors} = deps;

	mount(router, deps, 'getKeyHygiene', async ({ctx, query, organisationId}) => {
		const {limit = pageSize, cursor, finding, ...given} = query;
		const bounds = {
			idle_days: given.idle_days ?? hygieneDefaults.idle_days,
			expiring_days: given.expiring_days ?? hygieneDefaults.expiring_days,
			most_addresses: given.most_addresses ?? hygieneDefaults.most_addresses,
		};
		const page = {limit, cursor};
		const name = `key-hygiene:${organisationId}:${JSON.stringify([finding, bounds])}`;
		const slice = pageOf(page, name, cursors, limit);
		if (slice instanceof Problem) return slice;
		const asked = await askForHygiene(db, organisationId, bounds);
		const {counts, found} = await findHygiene(db, asked, slice, finding);
		const shown = finishPage(ctx, found, page, name, cursors);
		return {
			...bounds,
			watched_since: toTimestamp(asked.watchedSince),
			counts,
			keys: await presentKeysToMend(db, asked, shown, clock.now()),
		};
	});
}
