import test from 'ava';
import {call, type Answer} from '../helpers/http.ts';
import {startProxy, type ProxyProgram} from './programs.ts';
import {startService} from './service.ts';

const fields = ['RateLimit-Policy', 'RateLimit'] as const;

/** Declares what a client learns of the limits of its key through a proxy. */
export function limitTests(program: ProxyProgram): void {
	const ofProxy = (what: string) => `${program.name}: ${what}`;

	test.serial(
		ofProxy('limits are told beside those of the service, if there are any'),
		async (t) => {
			const ours = {
				'RateLimit-Policy': '"burst";q=100;w=60, "quota";q=50000',
				RateLimit: '"burst";r=99;t=1, "quota";r=49899;t=86399',
			};
			const own = {'RateLimit-Policy': '"pages";q=10;w=1', RateLimit: '"pages";r=9;t=1'};
			let told: Record<string, string> = ours;
			const standIn = await startService(() => ({
				status: 200,
				headers: {'Content-Type': 'application/json', 'X-Auth-Method': 'api_key', ...told},
				body: '{"auth_method":"api_key"}',
			}));
			let status = 200;
			const behind = await startService(() => ({status, headers: own, body: 'from the service'}));
			const proxy = await startProxy(program, {service: behind.port, latchkey: standIn.port});
			try {
				for (status of [200, 404, 503]) {
					told = ours;
					const both = await call(proxy.url, '/');
					t.is(both.status, status);
					for (const name of fields)
						t.deepEqual(linesOf(both, name), [ours[name], own[name]].sort());
					told = {};
					const one = await call(proxy.url, '/');
					for (const name of fields) t.deepEqual(linesOf(one, name), [own[name]]);
				}
				const seen = behind.take();
				t.is(seen.length, 6);
				// They are for the client: it knows what to wait for.
				t.false(seen.some(({headers}) => fields.some((name) => name.toLowerCase() in headers)));
			} finally {
				await proxy.stop();
				await behind.stop();
				await standIn.stop();
			}
		},
	);
}

function linesOf({rawHeaders}: Answer, name: string): string[] {
	return rawHeaders
		.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === name.toLowerCase())
		.sort();
}
