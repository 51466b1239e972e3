import type {Readable} from 'node:stream';
import type {Router} from '@koa/router';
import type {Context} from 'koa';
import type * as z from 'zod';
import {
	defaultAuditPage,
	type AuditEntry,
	type AuditExportQuery,
	type auditQuery,
} from '../../contract/audit-trail.ts';
import {exportLines, partOf} from '../../core/audit/proof/export.ts';
import {presentEntry} from '../../core/audit/present.ts';
import {applianceChain} from '../../core/audit/trail/record.ts';
import {listEntries} from '../../core/audit/store.ts';
import type {By} from '../../core/actor.ts';
import type {Deps} from '../../core/deps.ts';
import {createLineSender} from '../http/lines.ts';
import {linkNext, placeOf} from '../http/page.ts';
import {Problem} from '../http/problem.ts';
import {mount} from '../http/route.ts';

export function mountAudit(router: Router, deps: Deps): void {
	const exports = exporter(deps);
	mount(router, deps, 'listAudit', ({ctx, query, organisationId}) =>
		list(ctx, query, organisationId, deps),
	);
	mount(router, deps, 'listApplianceAudit', ({ctx, query}) =>
		list(ctx, query, applianceChain, deps),
	);
	mount(router, deps, 'exportAudit', ({ctx, query, organisationId, by}) =>
		exports(ctx, by, query, organisationId),
	);
	mount(router, deps, 'exportApplianceAudit', ({ctx, query, by}) =>
		exports(ctx, by, query, applianceChain),
	);
}

function exporter({db, signingKeys, log}: Deps) {
	const send = createLineSender(db);
	return async (
		ctx: Context,
		by: By,
		query: AuditExportQuery,
		chain: string,
	): Promise<Readable | Problem> => {
		const part = await partOf(db, chain, query);
		if (part === undefined) {
			const message = 'after must be the sequence of an entry';
			return new Problem('invalid_field', {message, field: 'after'});
		}
		const lines = exportLines({db, log, signer: signingKeys.forAudit()}, part);
		return send(ctx, by, `audit-${chain}.ndjson`, lines);
	};
}

/** A page newest first or, with `after`, oldest first from there. */
async function list(
	ctx: Context,
	query: z.output<typeof auditQuery>,
	chain: string,
	{db, cursors}: Deps,
): Promise<AuditEntry[] | Problem> {
	const name = `audit:${chain}`;
	const place = placeOf(query, name, cursors);
	if (place instanceof Problem) return place;
	const {after, limit = defaultAuditPage} = query;
	const before = place === undefined ? undefined : Number(place);
	const rows = await listEntries(
		db,
		chain,
		{
			actions: query.action,
			actorId: query.actor,
			targetId: query.target,
			outcome: query.outcome,
			since: query.since,
			until: query.until,
		},
		{limit: limit + 1, ...(after === undefined ? {before} : {after})},
	);
	const page = rows.slice(0, limit).map(presentEntry);
	const last = page.at(-1)?.sequence;
	if (rows.length > limit && last !== undefined) {
		if (after === undefined) linkNext(ctx, 'cursor', cursors.encode(name, String(last)));
		else linkNext(ctx, 'after', String(last));
	}
	return page;
}
