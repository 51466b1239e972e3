import {execFile, spawn} from 'node:child_process';
import {chmod, mkdtemp, readFile, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {promisify} from 'node:util';
import test from 'ava';
import {connectDatabase} from '../../core/db/connect.ts';
import {endRun, startRun} from '../../core/maintenance/runs.ts';
import {createAppliance, defaultOrganisation, makeKey} from '../helpers/appliance.ts';
import {testServices} from '../helpers/environment.ts';
import {call} from '../helpers/http.ts';
import {eventually, freePort} from '../helpers/program.ts';
import {findTool} from '../helpers/tools.ts';
import {firing, quiet} from './alerts.ts';

/* What is shipped for Prometheus and Grafana, tried with Prometheus itself, where it can be had. */

const shipped = path.join(import.meta.dirname, '../../../deploy/monitoring');
const rulesFile = path.join(shipped, 'prometheus/latchkey.rules.yml');

const prometheus = await findTool(
	'prometheus',
	['--version'],
	/^prometheus, version (2\.([4-9]\d)|3\.)/m,
);
if (prometheus === undefined) {
	console.log(
		'SKIPPED: no Prometheus can be had here, so rules and dashboard are not tried with it',
	);
	test.skip('no Prometheus can be had here', () => undefined);
}

const run = promisify(execFile);

async function promtool(...args: string[]): Promise<string> {
	const file = path.join(path.dirname(prometheus?.file ?? ''), 'promtool');
	const {stdout} = await run(file, args, {env: {...process.env, ...prometheus?.env}});
	return stdout;
}

const when = prometheus === undefined ? test.skip : test.serial;

async function folder(): Promise<string> {
	const made = await mkdtemp(path.join(testServices().directory, 'prometheus-'));
	await chmod(made, 0o755);
	return made;
}

when(
	'promtool takes the rules, and each alert fires when it should and is quiet otherwise',
	async (t) => {
		t.regex(await promtool('check', 'rules', rulesFile), /SUCCESS: \d+ rules found/);
		const text = await readFile(rulesFile, 'utf8');
		const alerts = [...text.matchAll(/- alert: (\w+)/g)].map(([, name = '']) => name);
		t.deepEqual(Object.keys(firing).toSorted(), alerts.toSorted());
		const at = '30m';
		/** Whether an alert is there, whatever it says. */
		const isFiring = (alert: string, is: boolean) => ({
			expr: `count(ALERTS{alertname="${alert}",alertstate="firing"}) > bool 0 or vector(0)`,
			eval_time: at,
			exp_samples: [{value: is ? 1 : 0}],
		});
		const series = (values: Record<string, string>) =>
			Object.entries(values).map(([name, value]) => ({series: name, values: value}));
		const tests = {
			rule_files: [rulesFile],
			evaluation_interval: '1m',
			tests: [
				{
					interval: '1m',
					input_series: series(quiet),
					promql_expr_test: alerts.map((alert) => isFiring(alert, false)),
				},
				...Object.entries(firing).map(([alert, values]) => ({
					interval: '1m',
					input_series: series({...quiet, ...values}),
					promql_expr_test: [isFiring(alert, true)],
				})),
			],
		};
		const file = path.join(await folder(), 'tests.yml');
		await writeFile(file, JSON.stringify(tests));
		t.regex(await promtool('test', 'rules', file), /SUCCESS/);
	},
);

when(
	'promtool takes the configuration of the bundle, which finds what the other one does',
	async (t) => {
		const home = await folder();
		const token = path.join(home, 'metrics-token');
		await writeFile(token, 'none');
		await writeFile(path.join(home, 'latchkey.rules.yml'), await readFile(rulesFile));
		const config = await readFile(path.join(shipped, 'prometheus/bundle.yml'), 'utf8');
		const file = path.join(home, 'bundle.yml');
		await writeFile(file, config.replaceAll('/tmp/metrics-token', token));
		t.regex(await promtool('check', 'config', file), /SUCCESS/);
		const jobs = (text: string) => text.match(/job_name: \S+/g);
		const ofOthers = await readFile(path.join(shipped, 'prometheus/prometheus.yml'), 'utf8');
		t.deepEqual(jobs(config), jobs(ofOthers));
	},
);

type Panel = {title: string; targets?: {expr: string}[]};

/** Panels that show something only after something has gone wrong. */
const mayBeEmpty = new Set(['max by (task) (latchkey_jobs_failing) > 0']);

when(
	'Prometheus scrapes an appliance by the shipped files; every rule works and every panel has data',
	async (t) => {
		const appliance = await createAppliance();
		t.teardown(() => appliance.stop());
		const server = await appliance.startServer();
		const worker = await appliance.startWorker({LATCHKEY_USAGE_FLUSH_MS: '500'});
		const jwt = await server.logIn();
		const {id} = await defaultOrganisation(server, jwt);
		const {key} = await makeKey(server, jwt, id);
		const owner = connectDatabase(appliance.ownerDatabase, 'test');
		t.teardown(() => owner.destroy());
		for (const kind of ['backup', 'drill'] as const)
			await endRun(owner, await startRun(owner, kind), {});

		const home = await folder();
		const port = await freePort();
		const config = (await readFile(path.join(shipped, 'prometheus/prometheus.yml'), 'utf8'))
			.replace(/scrape_interval: \S+/, 'scrape_interval: 1s')
			.replace(/evaluation_interval: \S+/, 'evaluation_interval: 1s')
			.replace('127.0.0.1:8080', new URL(server.url).host)
			.replace('127.0.0.1:9464', new URL(worker.url).host);
		await writeFile(path.join(home, 'prometheus.yml'), config);
		await writeFile(path.join(home, 'latchkey.rules.yml'), await readFile(rulesFile));
		t.regex(await promtool('check', 'config', path.join(home, 'prometheus.yml')), /SUCCESS/);

		const program = spawn(
			prometheus?.file ?? '',
			[
				`--config.file=${home}/prometheus.yml`,
				`--storage.tsdb.path=${home}/data`,
				`--web.listen-address=127.0.0.1:${port}`,
			],
			{stdio: 'ignore', env: {...process.env, ...prometheus?.env}},
		);
		t.teardown(() => void program.kill('SIGKILL'));
		const api = `http://127.0.0.1:${port}/api/v1`;
		const ask = async (question: string) => {
			const {pathname, search} = new URL(`${api}${question}`);
			const answer = await call(api, `${pathname}${search}`);
			return (answer.json() as {data: unknown}).data;
		};

		type Target = {labels: {job: string}; health: string; lastError: string};
		const targets = await eventually(
			async () => {
				const {activeTargets} = (await ask('/targets')) as {activeTargets: Target[]};
				const areUp = activeTargets.every(({health}) => health === 'up');
				return activeTargets.length > 0 && areUp && activeTargets;
			},
			{what: 'Prometheus to reach server and worker'},
		);
		t.deepEqual(targets.map(({labels}) => labels.job).toSorted(), ['latchkey', 'latchkey-worker']);

		type Rule = {name: string; health: string; lastError?: string};
		const rules = await eventually(
			async () => {
				const {groups} = (await ask('/rules')) as {groups: {rules: Rule[]}[]};
				const all = groups.flatMap((group) => group.rules);
				return all.length > 0 && all.every(({health}) => health !== 'unknown') && all;
			},
			{what: 'the rules to be looked at'},
		);
		t.deepEqual(
			rules.filter(({health}) => health !== 'ok'),
			[],
		);

		const text = await readFile(path.join(shipped, 'grafana/latchkey.json'), 'utf8');
		const {panels} = JSON.parse(text) as {panels: Panel[]};
		const exprs = panels.flatMap(({title, targets: some = []}) =>
			some.map(({expr}) => ({title, expr})),
		);
		t.true(exprs.length > 40);
		let empty = exprs.filter(({expr}) => !mayBeEmpty.has(expr));
		const lookAgain = async () => {
			await server.call('/api/v1/keys/self', {bearer: key});
			await server.call('/api/v1/keys/self', {bearer: 'hklst_short'});
			const left: typeof empty = [];
			for (const each of empty) {
				// As Grafana fills it in.
				const filled = each.expr.replaceAll('$__rate_interval', '1m').replaceAll('$instance', '.*');
				const found = (await ask(`/query?query=${encodeURIComponent(filled)}`)) as
					| {result: unknown[]}
					| undefined;
				if (found === undefined || found.result.length === 0) left.push(each);
			}
			empty = left;
			return empty.length === 0;
		};
		await eventually(lookAgain).catch(() => undefined);
		t.deepEqual(empty, []);
	},
);
