import {readFile} from 'node:fs/promises';
import path from 'node:path';
import type {Router} from '@koa/router';
import type {Deps} from '../../core/deps.ts';
import {projectDirectory} from '../../core/project-directory.ts';
import {mount} from '../http/route.ts';
import {StoredAnswer} from '../http/stored.ts';

/** Written by `npm run docs`. */
const folder = path.join(projectDirectory, 'docs');

/** The description of the API, for programs and for people; each is read when it is first asked for. */
export function mountDocuments(router: Router, deps: Deps): void {
	const {publicUrl} = deps.config;

	const description = once(async () => {
		const document = JSON.parse(await readFile(path.join(folder, 'openapi.json'), 'utf8'));
		const here = {...document, servers: [{url: publicUrl}]};
		return new StoredAnswer<Record<string, unknown>>(JSON.stringify(here));
	});
	mount(router, deps, 'openApi', description);

	const page = once(
		async () => new StoredAnswer<string>(await readFile(path.join(folder, 'api.html'), 'utf8')),
	);
	mount(router, deps, 'docs', ({ctx}) => {
		// The page has a policy of its own about what it may load: nothing.
		ctx.set(
			'Content-Security-Policy',
			"frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
		);
		return page();
	});
}

/** Makes something when it is first asked for; again where that failed. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
	let made: Promise<T> | undefined;
	return () =>
		(made ??= make().catch((error: unknown) => {
			made = undefined;
			throw error;
		}));
}
