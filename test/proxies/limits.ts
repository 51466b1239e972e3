import test from 'ava';
import {errors} from '../../contract/errors.ts';
import {makeOrganisation, patiently, type Server} from '../helpers/appliance.ts';
import {call, type Answer} from '../helpers/http.ts';
import {eventually} from '../helpers/program.ts';
import {startProxy, type ProxyProgram, type RunningProxy} from './programs.ts';
import {startService, type RecordingService} from './service.ts';

/** What tests of a running proxy work with. */
export type Live = {server: Server; jwt: string; service: RecordingService; proxy: RunningProxy};

const fields = ['RateLimit-Policy', 'RateLimit'] as const;

/** Declares what a client learns of the limits of its key through a proxy. */
export function limitTests(program: ProxyProgram, live: () => Live): void {
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

	const limits = [
		{
			what: 'a key above its limit is told so, and when to come again',
			terms: {rate_limits: [{name: 'burst', limit: 2, window_seconds: 7200}]},
			name: 'burst',
			policy: '"burst";q=2;w=7200',
			code: 'rate_limited',
		},
		{
			what: 'a key that has spent its quota is told so',
			terms: {quota: {limit: 2, period: 'month'}},
			name: 'quota',
			policy: '"quota";q=2',
			code: 'quota_exceeded',
		},
	] as const;

	for (const {what, terms, name, policy, code} of limits) {
		test.serial(ofProxy(what), async (t) => {
			const {proxy, service} = live();
			const {key} = await newKey(live(), terms);
			let passed = 0;
			// A server that had to wait for Redis for too long counts by itself, and may let in a few more.
			const refused = await eventually(async () => {
				const answer = await call(proxy.url, '/', {bearer: key});
				t.is(answer.headers['ratelimit-policy'], policy);
				if (answer.status === 429) return answer;
				t.is(answer.status, 200);
				t.is(answer.text, 'from the service');
				t.regex(String(answer.headers['ratelimit']), new RegExp(`^"${name}";r=[01];t=\\d+$`));
				passed++;
				return undefined;
			});
			t.true(passed >= 2);
			t.is(service.take().length, passed);
			t.is(refused.text, JSON.stringify({error: errors[code].message}));
			t.regex(refused.headers['content-type'] ?? '', /^application\/json/);
			t.is(refused.headers['latchkey-error-code'], code);
			t.regex(refused.headers['retry-after'] ?? '', /^[1-9]\d*$/);
			t.is(refused.headers['ratelimit'], `"${name}";r=0;t=${refused.headers['retry-after']}`);
			t.regex(String(refused.headers['request-id']), /./);
			t.is(refused.headers['cache-control'], 'no-store');
		});
	}

	test.serial(ofProxy('a key without limits is told nothing of any'), async (t) => {
		const {proxy, service} = live();
		const {key} = await newKey(live(), {});
		const answer = await call(proxy.url, '/', {bearer: key});
		t.is(answer.status, 200);
		for (const name of fields) t.false(name.toLowerCase() in answer.headers);
		t.is(service.take().length, 1);
	});
}

function linesOf({rawHeaders}: Answer, name: string): string[] {
	return rawHeaders
		.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === name.toLowerCase())
		.sort();
}

type NewKey = {
	key: string;
	id: string;
	organisationId: string;
	/** Where the key is managed. */
	path: string;
};

/** A key of an organisation of its own, with the terms that are given. */
export async function newKey(
	{server, jwt}: Pick<Live, 'server' | 'jwt'>,
	terms: object = {},
): Promise<NewKey> {
	const {id} = await makeOrganisation(server, jwt, 'team');
	const path = `/api/v1/organizations/${id}/api-keys`;
	const body = {name: 'limited', ...terms};
	const answer = await patiently(() => server.call(path, {bearer: jwt, body}));
	if (answer.status !== 201) throw new Error(`create: ${answer.status} ${answer.text}`);
	const made = answer.json() as {key: string; id: string};
	return {...made, organisationId: id, path: `${path}/${made.id}`};
}
