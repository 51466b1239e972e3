import type {Router} from '@koa/router';
import type {Deps} from '../../core/deps.ts';
import {
	deleteSource,
	findSource,
	insertSource,
	listSources,
	updateSource,
	versionOfSources,
} from '../../core/sources/store.ts';
import {list} from '../http/list.ts';
import {mount} from '../http/route.ts';
import {presentSource} from '../present/source.ts';

export function mountSources(router: Router, deps: Deps): void {
	const {db} = deps;

	mount(router, deps, 'listSources', async ({organisationId}) =>
		list({
			name: `sources:${organisationId}`,
			read: (slice) => listSources(db, organisationId, slice),
			present: presentSource,
			version: () => versionOfSources(db, organisationId),
		}),
	);

	mount(router, deps, 'createSource', async ({body, organisationId, by}) =>
		presentSource(await insertSource(db, by, organisationId, body, deps.config.limits.sources)),
	);

	mount(router, deps, 'getSource', async ({params, organisationId}) => {
		const row = await findSource(db, organisationId, params.id);
		return row && presentSource(row);
	});

	mount(router, deps, 'updateSource', async ({params, body, organisationId, by}) => {
		const row = await updateSource(db, by, organisationId, params.id, body);
		return row && presentSource(row);
	});

	mount(router, deps, 'deleteSource', async ({params, organisationId, by}) => {
		const row = await deleteSource(db, by, organisationId, params.id);
		return row && presentSource(row);
	});
}
