import {readFile, writeFile} from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import {call} from '../helpers/http.ts';
import {eventually} from '../helpers/program.ts';
import {haproxy, readShipped, startProxy, type ProxyProgram} from './programs.ts';
import {startService} from './service.ts';
import {proxyTests} from './suite.ts';

const tool = await haproxy.findTool();
proxyTests(haproxy, tool);

if (tool !== undefined) {
	test.serial('HAProxy: a script that fails lets nothing through', async (t) => {
		const service = await startService();
		const proxy = await startProxy(failing, {service: service.port, latchkey: service.port});
		try {
			const answer = await call(proxy.url, '/', {headers: {'X-API-Key': 'any'}});
			t.is(answer.status, 503);
			await eventually(() => proxy.output().includes('runtime error'), {
				what: 'the script to fail',
			});
			t.deepEqual(
				service.take().filter((each) => each.path !== '/readyz'),
				[],
			);
		} finally {
			await proxy.stop();
			await service.stop();
		}
	});
}

/** The shipped configuration with a script that throws as soon as it is to ask. */
const failing: ProxyProgram = {
	...haproxy,
	async prepare(folder, ports) {
		const prepared = await haproxy.prepare(folder, ports);
		const script = path.join(folder, 'latchkey.lua');
		const file = path.join(folder, 'haproxy.cfg');
		const config = await readFile(file, 'utf8');
		await writeFile(
			script,
			(await readShipped('latchkey.lua')).replace('core.httpclient', 'core.gone'),
		);
		await writeFile(file, config.replace(/(lua-load-per-thread) .*/, `$1 ${script}`));
		return prepared;
	},
};
