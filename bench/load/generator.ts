import {readFile} from 'node:fs/promises';
import {setTimeout as delay} from 'node:timers/promises';
import {percentile} from '../figures.ts';
import {cpuSeconds, residentBytes} from '../process-facts.ts';
import {startClient} from './client.ts';
import {chooser} from './choice.ts';
import type {Job, JobResult, Measurement} from './job.ts';

/*
The process that makes the load: takes one job at a time from its parent and sends back what it
measured. It reads the server's CPU time itself, at the very start and end of the counted time.
*/

process.on('message', (job: Job) => {
	void run(job)
		.then(
			(measurement): JobResult => ({measurement}),
			(error: unknown): JobResult => ({error: String(error)}),
		)
		.then((result) => process.send?.(result));
});
// The bench has ended, however it did.
process.on('disconnect', () => process.exit());

async function run(job: Job): Promise<Measurement> {
	const requests = await readRequests(job.requestsFile, job.port);
	const latencies: number[] = [];
	const failures: string[] = [];
	let failureCount = 0;
	let isCounting = job.choice === 'once';
	const next = chooser(job.choice, requests.length);
	const before = readings(job.serverPid);

	const clients = Array.from({length: job.connections}, () =>
		startClient({
			port: job.port,
			status: job.status,
			nextRequest: () => requests[next() ?? -1],
			...(job.requestsPerSecond === undefined
				? {}
				: {intervalMs: (job.connections / job.requestsPerSecond) * 1000}),
			onAnswer(ms) {
				if (isCounting) latencies.push(ms);
			},
			onFailure(reason) {
				failureCount++;
				if (failures.length < 3) failures.push(reason);
			},
		}),
	);

	const all = Promise.all(clients.map(({ended}) => ended));
	let [from, to] = [before, before];
	if (job.choice === 'once') {
		await all;
		to = readings(job.serverPid);
	} else {
		await delay(job.warmupMs);
		isCounting = true;
		from = readings(job.serverPid);
		await delay(job.measureMs);
		isCounting = false;
		to = readings(job.serverPid);
		for (const client of clients) client.stop();
		await all;
	}

	const sorted = Float64Array.from(latencies).sort();
	return {
		requests: sorted.length,
		seconds: (to.ms - from.ms) / 1000,
		p50Ms: percentile(sorted, 0.5),
		p99Ms: percentile(sorted, 0.99),
		serverCpuSeconds: to.serverCpu - from.serverCpu,
		loadCpuSeconds: to.ownCpu - from.ownCpu,
		serverRssBytes: residentBytes(job.serverPid),
		failureCount,
		failures,
	};
}

async function readRequests(file: string, port: number): Promise<readonly string[]> {
	const lines = (await readFile(file, 'latin1')).split('\n');
	return lines.map((line) => {
		const [path, key, body = ''] = line.split(' ');
		const head = `Host: 127.0.0.1:${port}\r\nAccept: application/json\r\nAuthorization: Bearer ${key}\r\n`;
		return body === ''
			? `GET ${path} HTTP/1.1\r\n${head}\r\n`
			: `POST ${path} HTTP/1.1\r\n${head}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
	});
}

function readings(serverPid: number) {
	return {
		ms: performance.now(),
		serverCpu: cpuSeconds(serverPid),
		ownCpu: cpuSeconds(process.pid),
	};
}
