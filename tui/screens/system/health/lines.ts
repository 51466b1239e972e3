import type {HealthFinding} from '../../../../contract/diagnosis.ts';
import type {System} from '../../../../contract/system.ts';
import type {HealthReport} from './list.ts';
import type {Halves} from '../../../components/beside.ts';
import type {Part} from '../../../components/line.tsx';
import {idHint} from '../../../text/id-hint.ts';
import {clean} from '../../../text/clean.ts';
import {plural} from '../../../text/plural.ts';
import {ago, span} from '../../../text/time.ts';
import {fit, truncate, wrap} from '../../../text/width.ts';
import {findingsOf} from './findings.ts';

type Line = readonly Part[];

/**
 * How the appliance is, as lines: what is wrong first, then all that is known.
 *
 * @param oldSince when it was read, where it could not be read since: then nothing is shown as good
 */
export function healthLines(
	report: HealthReport,
	now: number,
	columns: number,
	oldSince?: number,
): Line[] {
	const lines = currentLines(report, now, columns, oldSince !== undefined);
	return oldSince === undefined ? lines : [...asOf(oldSince, now, columns), ...faded(lines)];
}

/** The same in two halves: what is wrong and what all of it rests on, and the programs and queues. */
export function healthHalves(
	report: HealthReport,
	now: number,
	{left}: Halves,
	oldSince?: number,
): [Line[], Line[]] | undefined {
	const {system} = report;
	if (system === undefined) return undefined;
	const isOld = oldSince !== undefined;
	const halves: [Line[], Line[]] = [
		[
			[],
			...verdict(report, left, isOld),
			[],
			...dependencyLines(report),
			[],
			...versionLines(report, left),
		],
		systemLines(system, now),
	];
	if (!isOld) return halves;
	return [[...asOf(oldSince, now, left), ...faded(halves[0])], faded(halves[1])];
}

function asOf(oldSince: number, now: number, columns: number): Line[] {
	const when = ago(new Date(oldSince).toISOString(), now);
	const text = `? This is as it was ${when}; it could not be read since.`;
	return [[], ...paragraph(text, columns, 'warning')];
}

function faded(lines: readonly Line[]): Line[] {
	return lines.map((line) =>
		line.map(([text, role]): Part => [text, role === 'good' ? 'dim' : role]),
	);
}

function currentLines(report: HealthReport, now: number, columns: number, isOld: boolean): Line[] {
	const {system} = report;
	return [
		[],
		...verdict(report, columns, isOld),
		[],
		...dependencyLines(report),
		...(system === undefined ? [] : systemLines(system, now)),
		[],
		...versionLines(report, columns),
	];
}

function verdict(report: HealthReport, columns: number, isOld: boolean): Line[] {
	const found = findingsOf(report);
	const {id, checks} = report;
	if (id === 'readiness')
		return [...findingLines(found, columns), ...partOf(found, columns, isOld)];
	if (found.length > 0) return findingLines(found, columns);
	const made = plural(checks?.checks.length ?? 0, ['check', 'checks']);
	return [
		[[isOld ? 'Everything worked then.' : 'Everything works.', 'good']],
		...paragraph(`${made} made, nothing wrong found.`, columns, 'dim'),
	];
}

/** What somebody who is no operator can know, and that it is not all. */
function partOf(found: readonly HealthFinding[], columns: number, isOld: boolean): Line[] {
	const works = isOld ? 'worked then' : 'work';
	return [
		...(found.length > 0 ? [[]] : paragraph(`PostgreSQL and Redis ${works}.`, columns, 'good')),
		...paragraph(
			'Nothing else was looked at, so whether the rest works is not known here. Workers, verifiers, queues, webhooks and backups are shown to operators.',
			columns,
		),
	];
}

function findingLines(found: readonly HealthFinding[], columns: number): Line[] {
	return found.flatMap(({level, what, follows, remedy}) => [
		...paragraph(`${marks[level]} ${what}`, columns, level === 'failure' ? 'bad' : 'warning'),
		...paragraph(follows, columns - 2).map(indented),
		...paragraph(remedy, columns - 2, 'strong').map(indented),
	]);
}

const marks = {failure: 'x', warning: '!', unknown: '?'} as const;

const indented = (line: Line): Line => [['  '], ...line];

export function paragraph(text: string, columns: number, role: Part[1] = 'plain'): Line[] {
	return wrap(clean(text), columns).map((line) => [[line, role]]);
}

const stateParts: Readonly<Record<string, Part>> = {
	ok: ['ok', 'good'],
	degraded: ['! degraded', 'warning'],
	down: ['x down', 'bad'],
};

function dependencyLines({dependencies, system}: HealthReport): Line[] {
	const {postgresql, redis} = dependencies;
	const versions = system?.versions;
	return [
		heading('DEPENDENCY', 'STATE', 'VERSION'),
		row('PostgreSQL', stateOf(postgresql.state), versions?.postgresql ?? ''),
		row('Redis', stateOf(redis.state), versions?.redis ?? ''),
		...(system === undefined ? [] : [row('Worker', workerState(system), '')]),
	];
}

function stateOf(state: string): Part {
	return stateParts[state] ?? [`? ${clean(state)}`, 'warning'];
}

function workerState({workers}: System): Part {
	if (workers === null) return ['? unknown', 'warning'];
	const running = workers.filter(({state}) => state === 'running').length;
	return running > 0 ? [`ok, ${running} running`, 'good'] : ['! none', 'warning'];
}

function systemLines(system: System, now: number): Line[] {
	return [
		[],
		...verifierLines(system, now),
		[],
		...workerLines(system, now),
		[],
		...queueLines(system),
		[],
		...behindLines(system, now),
	];
}

function verifierLines({verifiers}: System, now: number): Line[] {
	if (verifiers === null) return [heading('VERIFIERS', 'unknown while PostgreSQL is away')];
	return [
		heading('VERIFIER', 'LEASE', 'RENEWED', 'SINCE'),
		...verifiers.map(({id, name, holds_lease, renewed_at, started_at}) =>
			row(
				named(name, id),
				holds_lease ? ['held', 'good'] : ['x lapsed', 'warning'],
				ago(renewed_at, now),
				ago(started_at, now),
			),
		),
	];
}

const workerStates: Readonly<Record<string, Part>> = {
	running: ['running', 'good'],
	lost: ['x lost', 'bad'],
	stopped: ['- stopped', 'dim'],
};

function workerLines({workers}: System, now: number): Line[] {
	if (workers === null) return [heading('WORKERS', 'unknown while PostgreSQL is away')];
	if (workers.length === 0) return [heading('WORKERS', 'none was seen in the last day')];
	return [
		heading('WORKER', 'STATE', 'SEEN', 'USE WRITTEN', 'WEBHOOKS'),
		...workers.map(({id, name, state, takes_jobs, seen_at, flushed_at, pumped_at}) =>
			row(
				named(name, id),
				state === 'running' && !takes_jobs
					? ['! no jobs', 'warning']
					: (workerStates[state] ?? [clean(state)]),
				ago(seen_at, now),
				ago(flushed_at, now),
				ago(pumped_at, now),
			),
		),
	];
}

function queueLines({queues}: System): Line[] {
	if (queues === null) return [heading('QUEUES', 'unknown while Redis is away')];
	return [
		heading('QUEUE', 'WAITING', 'ACTIVE', 'FAILED', 'OLDEST'),
		...Object.entries(queues).map(([name, {waiting, active, failed, oldest_seconds}]) =>
			row(
				name,
				count(waiting),
				count(active),
				count(failed),
				oldest_seconds === 0 ? '-' : span(oldest_seconds),
			),
		),
	];
}

function behindLines({usage, webhooks}: System, now: number): Line[] {
	const lines: Line[] = [heading('BEHIND')];
	lines.push(
		row('usage', usage === null ? 'never written' : `written ${ago(usage.flushed_at, now)}`),
	);
	if (webhooks === null) return [...lines, row('webhooks', 'unknown')];
	const {due, oldest_due_seconds, pending, in_flight, dead, paused_endpoints} = webhooks;
	const oldest = due === 0 ? '' : `, the oldest for ${span(oldest_due_seconds)}`;
	return [
		...lines,
		[
			[fit('webhooks', firstWidth)],
			[`${many(due)} due${oldest}; ${many(pending)} planned, ${many(in_flight)} on the way, `],
			[`${many(dead)} given up`, dead > 0 ? 'warning' : 'plain'],
			[
				paused_endpoints > 0
					? `; ${plural(paused_endpoints, ['endpoint', 'endpoints'])} waits`
					: '',
			],
		],
	];
}

/** Counts of webhooks stop there. */
const mostCounted = 10_000;

function many(amount: number): string {
	return amount >= mostCounted ? '10,000 or more' : count(amount);
}

function versionLines({version, system}: HealthReport, columns: number): Line[] {
	const parts = [`Latchkey ${version}`];
	if (system !== undefined) {
		parts.push(`Node ${system.versions.node}`, `schema ${system.migration ?? 'unknown'}`);
	}
	return paragraph(parts.join(', '), columns, 'dim');
}

const firstWidth = 26;
const width = 13;

function heading(first: string, ...rest: readonly string[]): Line {
	return [
		[fit(first, firstWidth), 'heading'],
		...rest.map((title, index): Part => [
			index === rest.length - 1 ? title : fit(title, width),
			'heading',
		]),
	];
}

function row(first: string, ...rest: readonly (string | Part)[]): Line {
	return [
		[fit(clean(first), firstWidth)],
		...rest.map((cell, index): Part => {
			const [text, role] = typeof cell === 'string' ? [clean(cell), undefined] : cell;
			return [index === rest.length - 1 ? text : fit(text, width), role];
		}),
	];
}

function named(name: string, id: string): string {
	return `${truncate(clean(name), firstWidth - 12)} …${idHint(id)}`;
}

function count(amount: number): string {
	return amount.toLocaleString('en');
}
