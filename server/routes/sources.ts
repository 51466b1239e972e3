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
import {list} from '../http/list.ts';
import {mount} from '../http/route.ts';

export function mountSources(router: Router, deps: Deps): void {
	const {db} = deps;

	mount(router, deps, 'listSources', async ({organisationId}) =>
		list({
			name: `sources:${organisationId}`,
			read: (slice) => listSources(db, organisationId, slice),
			present,
		}),
	);

	mount(router, deps, 'createSource', async ({body, organisationId, by}) =>
		present(await insertSource(db, by, organisationId, body, deps.config.limits.sources)),
	);

	mount(router, deps, 'getSource', async ({params, organisationId}) => {
		const row = await findSource(db, organisationId, params.id);
		return row && present(row);
	});

	mount(router, deps, 'updateSource', async ({params, body, organisationId, by}) => {
		const row = await updateSource(db, by, organisationId, params.id, body);
		return row && present(row);
	});

	mount(router, deps, 'deleteSource', async ({params, organisationId, by}) => {
		const row = await deleteSource(db, by, organisationId, params.id);
		return row && present(row);
	});
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
