import type {Router} from '@koa/router';
import type {Source} from '../../contract/sources.ts';
import {toTimestamp} from '../../contract/text.ts';
import type {SourceRow} from '../../core/db/tables.ts';
import type {Deps} from '../../core/deps.ts';
import {
	deleteSource,
	findSource,
	insertSource,
	listSources,
	updateSource,
} from '../../core/sources/store.ts';
import {finishPage, pageOf} from '../http/page.ts';
import {isUuid} from '../http/params.ts';
import {Problem} from '../http/problem.ts';
import {mount} from '../http/route.ts';

export function mountSources(router: Router, deps: Deps): void {
	const {db, cursors} = deps;

	mount(router, deps, 'listSources', async ({ctx, query, organisationId}) => {
		const list = `sources:${organisationId}`;
		const page = pageOf(query, list, cursors);
		if (page instanceof Problem) return page;
		const rows = await listSources(db, organisationId, page);
		return finishPage(ctx, rows, query, list, cursors).map(present);
	});

	mount(router, deps, 'createSource', async ({body, organisationId, by}) =>
		present(await insertSource(db, by, organisationId, body)),
	);

	mount(router, deps, 'getSource', async ({params, organisationId}) =>
		presentFound(await byId(params, (id) => findSource(db, organisationId, id))),
	);

	mount(router, deps, 'updateSource', async ({params, body, organisationId, by}) =>
		presentFound(await byId(params, (id) => updateSource(db, by, organisationId, id, body))),
	);

	mount(router, deps, 'deleteSource', async ({params, organisationId, by}) =>
		presentFound(await byId(params, (id) => deleteSource(db, by, organisationId, id))),
	);
}

async function byId(
	params: Record<string, string>,
	find: (id: string) => Promise<SourceRow | undefined>,
): Promise<SourceRow | undefined> {
	const id = params['id'] ?? '';
	return isUuid(id) ? find(id) : undefined;
}

function presentFound(row: SourceRow | undefined): Source | Problem {
	return row === undefined ? new Problem('source_not_found') : present(row);
}

function present(row: SourceRow): Source {
	return {
		id: row.id,
		name: row.name,
		type: row.type,
		created_at: toTimestamp(row.created_at),
		updated_at: toTimestamp(row.updated_at),
	};
}
