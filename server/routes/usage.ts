import type {Readable} from 'node:stream';
import type {Router} from '@koa/router';
import type {Context} from 'koa';
import {firstCounts} from '../../contract/keys.ts';
import {countedOutcomes} from '../../contract/outcomes.ts';
import {
	asksForSeries,
	mostSeries,
	type Grouping,
	type UsageResult,
	type UsageSeries,
} from '../../contract/usage.ts';
import type {By} from '../../core/actor.ts';
import type {Deps} from '../../core/deps.ts';
import {findKey} from '../../core/keys/store.ts';
import {readClients} from '../../core/usage/clients.ts';
import type {UsageQuestion, UsageScope} from '../../core/usage/counted.ts';
import {exportUsage} from '../../core/usage/export.ts';
import {periodOf, type AskedPeriod} from '../../core/usage/period.ts';
import {readSeries} from '../../core/usage/series.ts';
import {readUsage} from '../../core/usage/store.ts';
import {createLineSender} from '../http/lines.ts';
import {Problem} from '../http/problem.ts';
import {mount} from '../http/route.ts';
import {presentCounts, presentSeries, toCsv, toLines} from '../present/usage.ts';

type Asked = AskedPeriod & {
	group_by?: Grouping | undefined;
	result?: UsageResult | undefined;
};

export function mountUsage(router: Router, deps: Deps): void {
	const {db, clock} = deps;
	const send = createLineSender(db);

	mount(router, deps, 'keyUsage', async ({params, query, organisationId}) => {
		const row = await findKey(db, organisationId, params.key_id);
		if (row === undefined) return undefined;
		if (asksForSeries(query)) return tell(ofKey(organisationId, row.id), query, query.top);
		const names = query.view === 'full' ? countedOutcomes : firstCounts;
		const buckets = await readUsage(db, row.id, query.by ?? 'hour');
		return buckets.map((bucket) => presentCounts(bucket, names));
	});

	mount(router, deps, 'exportKeyUsage', async ({ctx, by, params, query, organisationId}) => {
		const row = await findKey(db, organisationId, params.key_id);
		if (row === undefined) return undefined;
		return sendFile(ctx, by, ofKey(organisationId, row.id), query);
	});

	mount(router, deps, 'listKeyClients', async ({params, organisationId}) => {
		const row = await findKey(db, organisationId, params.key_id);
		return row && (await readClients(db, row.id));
	});

	mount(router, deps, 'organisationUsage', ({query, organisationId}) =>
		tell(ofOrganisation(organisationId, query), query, query.top),
	);

	mount(router, deps, 'exportOrganisationUsage', async ({ctx, by, query, organisationId}) =>
		sendFile(ctx, by, ofOrganisation(organisationId, query), query),
	);

	function questionOf(scope: UsageScope, asked: Asked): UsageQuestion | Problem {
		const grouping = asked.group_by ?? 'outcome';
		const period = periodOf(asked, grouping, clock.now());
		if ('message' in period) return new Problem('invalid_field', period);
		return {scope, period, grouping, result: asked.result};
	}

	async function tell(
		scope: UsageScope,
		asked: Asked,
		top = mostSeries,
	): Promise<UsageSeries | Problem> {
		const question = questionOf(scope, asked);
		if (question instanceof Problem) return question;
		return presentSeries(question, await readSeries(db, question, top));
	}

	function sendFile(
		ctx: Context,
		by: By,
		scope: UsageScope,
		asked: Asked & {format?: 'csv' | 'ndjson' | undefined},
	): Readable | Problem {
		const question = questionOf(scope, asked);
		if (question instanceof Problem) return question;
		const {format = 'csv'} = asked;
		const of = scope.keys?.length === 1 ? scope.keys[0] : scope.organisationId;
		const rows = exportUsage(db, question);
		const lines = format === 'csv' ? toCsv(rows) : toLines(rows);
		const stream = send(ctx, by, `usage-${of}.${format}`, lines);
		if (!(stream instanceof Problem)) {
			ctx.type = format === 'csv' ? 'text/csv' : 'application/x-ndjson';
		}
		return stream;
	}
}

function ofKey(organisationId: string, keyId: string): UsageScope {
	return {organisationId, keys: [keyId], owner: null};
}

function ofOrganisation(
	organisationId: string,
	{keys = null, owner = null}: {[Part in 'keys' | 'owner']?: UsageScope[Part] | undefined},
): UsageScope {
	return {organisationId, keys, owner};
}
