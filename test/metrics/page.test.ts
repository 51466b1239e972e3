import {readFile} from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import {parse} from 'yaml';
import {
	createAppliance,
	defaultOrganisation,
	makeKey,
	type Appliance,
} from '../helpers/appliance.ts';
import {errors} from '../../contract/errors.ts';
import {keyStatuses} from '../../contract/key-status.ts';
import {outcomeNames} from '../../contract/outcomes.ts';
import {errorsOf, errorsOfAnyRequest} from '../../contract/route-errors.ts';
import type {Route} from '../../contract/route.ts';
import {routes} from '../../contract/routes.ts';
import {jobNames} from '../../core/jobs.ts';
import {call} from '../helpers/http.ts';
import {eventually} from '../helpers/program.ts';
import {readMetrics, type Scraped} from './scrape.ts';

const root = path.join(import.meta.dirname, '../../..');
const shipped = path.join(root, 'deploy/monitoring');
let appliance: Appliance;
let server: Map<string, Scraped>;
let worker: Map<string, Scraped>;

test.before(async () => {
	appliance = await createAppliance();
	const program = await appliance.startServer();
	const jwt = await program.logIn();
	const {id} = await defaultOrganisation(program, jwt);
	await makeKey(program, jwt, id);
	const {url} = await appliance.startWorker();
	// What callers could try to make series with.
	for (const [method, path] of [
		['PROPFIND', '/api/v1/keys/self'],
		['MKCOL', '/made-up'],
		['GET', '/made-up/a-second-one?with=a-query'],
		['DELETE', '/api/v1/keys/self'],
		['GET', `/api/v1/organizations/${id}/api-keys/made-up`],
		['HEAD', '/readyz'],
		['OPTIONS', '/api/v1/keys/verify'],
	] as const) {
		await program.call(path, {method, headers: {'X-Forwarded-For': '192.0.2.7', 'X-API-Key': 'x'}});
	}
	// What is told only once it has happened: an entry that is signed, a pass that is done.
	const isComplete = (text: string) =>
		/^latchkey_audit_signed_head_age_seconds /m.test(text) &&
		/^latchkey_usage_settled_age_seconds /m.test(text) &&
		/^latchkey_webhook_pass_age_seconds /m.test(text) &&
		/^latchkey_keys_never_used /m.test(text);
	const text = await eventually(async () => {
		const answer = await program.call('/metrics');
		return isComplete(answer.text) && answer.text;
	});
	server = readMetrics(text);
	worker = readMetrics(
		await eventually(async () => {
			const answer = await call(url, '/metrics');
			return /^latchkey_job_wait_seconds\{/m.test(answer.text) && answer.text;
		}),
	);
});

test.after.always(() => appliance.stop());

/** Rows of a table under a heading, without the marks of code. */
function rowsUnder(page: string, heading: string): string[][] {
	const [, rest = ''] = page.split(`\n## ${heading}\n`);
	const [part = ''] = rest.split('\n## ');
	return part
		.split('\n')
		.filter((line) => line.startsWith('| `'))
		.map((line) =>
			line
				.slice(2, -2)
				.split(' | ')
				.map((cell) => cell.replaceAll('`', '').trim()),
		);
}

const units: [RegExp, string][] = [
	[/_seconds(_total)?$/, 'seconds'],
	[/_bytes$/, 'bytes'],
	[/_info$/, ''],
];

/** How the page tells of metrics, in the order of their names. */
function asRows(metrics: Map<string, Scraped>): string[][] {
	return [...metrics]
		.toSorted(([one], [other]) => (one < other ? -1 : 1))
		.map(([name, {kind, labels, help}]) => {
			const unit = units.find(([form]) => form.test(name))?.[1] ?? 'count';
			return [name, kind, labels.join(', '), unit, help.replace(/\.$/, '')];
		});
}

const isOfNode = ([name = '']: string[]) => /^latchkey_(process|nodejs)_/.test(name);
const inOrder = (rows: string[][]) => rows.toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1));

test('docs/monitoring.md tells each metric of server and worker, with its kind, labels, unit and meaning', async (t) => {
	const page = await readFile(path.join(root, 'docs/monitoring.md'), 'utf8');
	const [ofServer, ofWorker] = [asRows(server), asRows(worker)];
	t.deepEqual(
		inOrder(rowsUnder(page, 'Metrics of a server')),
		ofServer.filter((row) => !isOfNode(row)),
	);
	t.deepEqual(
		inOrder(rowsUnder(page, 'Metrics of a worker')),
		ofWorker.filter((row) => !isOfNode(row)),
	);
	// Whether some of these have values, and so labels, depends on the moment.
	const withoutLabels = (rows: string[][]) =>
		rows.filter(isOfNode).map(([name, kind, , unit, meaning]) => [name, kind, unit, meaning]);
	const ofBoth = inOrder(rowsUnder(page, 'Metrics of both'));
	t.deepEqual(withoutLabels(ofBoth), withoutLabels(ofServer));
	t.deepEqual(withoutLabels(ofBoth), withoutLabels(ofWorker));
	const listed = new Map(ofBoth.map(([name = '', , labels = '']) => [name, labels.split(', ')]));
	for (const [name, {labels}] of [...server, ...worker]) {
		if (!isOfNode([name])) continue;
		for (const label of labels) t.true(listed.get(name)?.includes(label), `${name}: ${label}`);
	}
});

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'other'];
/** Twelve buckets, sum and count. */
const seriesOfAnAnswer = 14;
const everyRoute: readonly Route[] = Object.values(routes);
const statusOf = (name: keyof typeof errors) => String(errors[name].status);

/** What each label may say; of those of Node.js itself that there are few. */
const labelValues: Record<string, ReadonlySet<string>> = {
	outcome: new Set(outcomeNames),
	method: new Set(methods),
	route: new Set(['none', ...everyRoute.map(({path}) => path)]),
	status: new Set([
		...everyRoute.flatMap((route) => [String(route.status), ...errorsOf(route).map(statusOf)]),
		...errorsOfAnyRequest.map(statusOf),
		'304',
		'503',
		...keyStatuses,
	]),
	within: new Set(['1d', '7d', '30d']),
	days: new Set(['30', '90']),
	decision: new Set(['local', 'none', 'refused']),
	state: new Set(['running', 'lost']),
	task: new Set(jobNames),
	result: new Set(['done', 'failed']),
};

/** Each method, route and status that there can be, by the contract. */
function possibleAnswers(): Set<string> {
	const ofAny = errorsOfAnyRequest.map(statusOf);
	const without = methods.flatMap((method) => ofAny.map((status) => `${method} none ${status}`));
	const within = everyRoute.flatMap((route) => {
		const statuses = [
			String(route.status),
			'304',
			'503',
			...errorsOf(route).map(statusOf),
			...ofAny,
		];
		const asked = route.method === 'GET' ? ['GET', 'HEAD'] : [route.method];
		return (route.covers === true ? methods : asked).flatMap((method) =>
			statuses.map((status) => `${method} ${route.path} ${status}`),
		);
	});
	return new Set([...without, ...within]);
}

test('labels say only what the contract has, so that there are no more series than docs/monitoring.md says', async (t) => {
	for (const [name, {samples}] of [...server, ...worker]) {
		if (isOfNode([name])) continue;
		for (const [label, value] of samples.flatMap(({labels}) => Object.entries(labels))) {
			if (label === 'le') continue;
			t.true(labelValues[label]?.has(value), `${name}: ${label}="${value}"`);
		}
	}
	const possible = possibleAnswers();
	const requests = server.get('latchkey_http_request_duration_seconds')?.samples ?? [];
	const seen = requests.map(({labels: {method, route, status}}) => `${method} ${route} ${status}`);
	t.true(seen.some((answer) => answer.startsWith('other none ')));
	t.deepEqual(
		seen.filter((answer) => !possible.has(answer)),
		[],
	);

	const page = await readFile(path.join(root, 'docs/monitoring.md'), 'utf8');
	const [, ofServer, ofWorker, ofRequests] = (
		/at most ([\d,]+) series, a worker ([\d,]+); .* at most ([\d,]+) more/.exec(
			page.replaceAll('\n', ' '),
		) ?? []
	).map((figure) => Number(figure.replaceAll(',', '')));
	const seriesOf = (metrics: Map<string, Scraped>) =>
		[...metrics.values()].reduce((sum, {samples}) => sum + samples.length, 0);
	const most = [
		seriesOf(server) - requests.length,
		seriesOf(worker),
		possible.size * seriesOfAnAnswer,
	];
	t.true((ofServer ?? 0) >= (most[0] ?? 0), `a server: ${most[0]}`);
	t.true((ofWorker ?? 0) >= (most[1] ?? 0), `a worker: ${most[1]}`);
	t.true((ofRequests ?? 0) >= (most[2] ?? 0), `answers: ${most[2]}`);
});

type Rule = {alert: string; expr: string};

/** The rules, of which no more of YAML is used than this can read. */
async function readRules(): Promise<Rule[]> {
	const text = await readFile(path.join(shipped, 'prometheus/latchkey.rules.yml'), 'utf8');
	return text
		.split('- alert: ')
		.slice(1)
		.map((part) => ({
			alert: /^\w+/.exec(part)?.[0] ?? '',
			expr: (/expr: (?:>-\n)?([^]*?)\n {8}\w/.exec(part)?.[1] ?? '').replaceAll(/\s+/g, ' ').trim(),
		}));
}

type Panel = {
	id: number;
	type: string;
	title: string;
	targets?: {expr: string; refId: string}[];
} & {
	gridPos: Record<'x' | 'y' | 'w' | 'h', number>;
};

async function readPanels(): Promise<Panel[]> {
	const text = await readFile(path.join(shipped, 'grafana/latchkey.json'), 'utf8');
	return (JSON.parse(text) as {panels: Panel[]}).panels;
}

/** What an expression names of ours: metrics, and the labels that it asks for in braces or groups by. */
function namedIn(expr: string): {metric: string; labels: string[]}[] {
	const grouped = [...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list = '']) =>
		list.split(',').map((label) => label.trim()),
	);
	return [...expr.matchAll(/\b(latchkey_\w+)(?:\{([^}]*)\})?/g)].map(
		([, metric = '', inside = '']) => ({
			metric,
			labels: [
				...grouped,
				...[...inside.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label = '']) => label),
			],
		}),
	);
}

/** Labels that Prometheus adds, and those of buckets. */
const given = ['instance', 'job', 'le'];

function faultsIn(exprs: readonly string[]): string[] {
	return exprs.flatMap((expr) =>
		namedIn(expr).flatMap(({metric, labels}) => {
			const base = metric.replace(/_(bucket|sum|count)$/, '');
			const found = [server, worker].flatMap((one) => one.get(metric) ?? one.get(base) ?? []);
			if (found.length === 0) return [`${metric}: there is no such metric`];
			const unknown = labels.filter(
				(label) => !given.includes(label) && !found.some((one) => one.labels.includes(label)),
			);
			return unknown.map((label) => `${metric}: has no label ${label} (${expr})`);
		}),
	);
}

test('alert rules and dashboard ask for metrics and labels that there are', async (t) => {
	const rules = await readRules();
	const panels = await readPanels();
	const targets = panels.flatMap(({targets: some = []}) => some.map(({expr}) => expr));
	t.true(rules.length > 15 && targets.length > 40);
	t.true(rules.every(({alert, expr}) => alert !== '' && expr !== ''));
	t.deepEqual(faultsIn(rules.map(({expr}) => expr)), []);
	t.deepEqual(faultsIn(targets), []);
	t.is(faultsIn(['sum by (kind) (latchkey_keys)', 'latchkey_none']).length, 2, 'faults are found');
});

test('the dashboard shows each metric of ours, and no panel lies over another', async (t) => {
	const panels = await readPanels();
	const shown = panels.flatMap(({targets = []}) =>
		targets.flatMap(({expr}) =>
			namedIn(expr).map(({metric}) => metric.replace(/_(bucket|count)$/, '')),
		),
	);
	const ours = [...server.keys(), ...worker.keys()].filter((name) => !isOfNode([name]));
	t.deepEqual(
		ours.filter((name) => !shown.includes(name)),
		[],
	);
	t.is(new Set(panels.map(({id}) => id)).size, panels.length);
	const taken = new Map<string, string>();
	for (const {title, gridPos} of panels) {
		t.true(gridPos.x + gridPos.w <= 24, title);
		for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
			for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
				t.is(taken.get(`${x},${y}`), undefined, title);
				taken.set(`${x},${y}`, title);
			}
		}
	}
});

test('Grafana of the bundle is given the Prometheus beside it, and the dashboard', async (t) => {
	const read = async (name: string) =>
		parse(await readFile(path.join(shipped, 'grafana/provisioning', name), 'utf8')) as unknown;
	const compose = parse(await readFile(path.join(root, 'docker-compose.yml'), 'utf8'), {
		merge: true,
	}) as {services: {grafana: {volumes: string[]; environment: Record<string, string>}}};
	const {volumes, environment} = compose.services.grafana;
	const sources = (await read('datasources/latchkey.yml')) as {
		datasources: {url: string; type: string; isDefault: boolean}[];
	};
	t.like(sources.datasources, [
		{url: 'http://prometheus:9090', type: 'prometheus', isDefault: true},
	]);
	const {providers} = (await read('dashboards/latchkey.yml')) as {
		providers: {options: {path: string}}[];
	};
	const mounted = './deploy/monitoring/grafana:/etc/grafana/latchkey:ro';
	t.true(volumes.includes(mounted));
	t.is(providers[0]?.options.path, '/etc/grafana/latchkey');
	t.is(
		environment['GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH'],
		'/etc/grafana/latchkey/latchkey.json',
	);
	t.false(Object.keys(environment).includes('GF_SECURITY_ADMIN_PASSWORD'));
});

test('docs/monitoring.md says of each alert what to do', async (t) => {
	const page = await readFile(path.join(root, 'docs/monitoring.md'), 'utf8');
	t.deepEqual(
		rowsUnder(page, 'Alerts').map(([name]) => name),
		(await readRules()).map(({alert}) => alert),
	);
});
