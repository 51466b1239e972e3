import test from 'ava';
import {errors} from '../../contract/errors.ts';
import {makeOrganisation} from '../helpers/appliance.ts';
import {call} from '../helpers/http.ts';
import {newKey, type Live} from './limits.ts';
import {startProxy, type ProxyProgram} from './programs.ts';

/** Declares what a proxy does with keys that are paused or replaced, and with what its check is asked for. */
export function denialTests(program: ProxyProgram, live: () => Live): void {
	const ofProxy = (what: string) => `${program.name}: ${what}`;

	test.serial(ofProxy('a suspended key is refused until it is resumed'), async (t) => {
		const {server, jwt, proxy, service} = live();
		const {key, path} = await newKey(live());
		const change = (how: string) => server.call(`${path}/${how}`, {bearer: jwt, body: {}});
		t.is((await change('suspend')).status, 200);
		const answer = await call(proxy.url, '/', {bearer: key});
		t.is(answer.status, 401);
		t.is(answer.text, JSON.stringify({error: errors.unauthorized.message}));
		t.is(answer.headers['latchkey-error-code'], 'unauthorized');
		t.deepEqual(service.take(), []);
		t.is((await change('resume')).status, 200);
		t.is((await call(proxy.url, '/', {bearer: key})).status, 200);
		t.is(service.take().length, 1);
	});

	test.serial(
		ofProxy('in its grace a key passes beside its successor, as one lineage'),
		async (t) => {
			const {server, jwt, proxy, service} = live();
			// As much as the headers of a check can hold.
			const scopes = Array.from({length: 33}, (_, i) => `${'a'.repeat(58)}.${10 + i}`);
			const owner = {type: 'a'.repeat(32), id: '\u{1F511}'.repeat(255)};
			const rate_limits = Array.from({length: 10}, (_, i) => ({
				name: `${'b'.repeat(31)}${i}`,
				limit: 1_000_000,
				window_seconds: 86_400,
			}));
			const {key, id, path} = await newKey(live(), {scopes, owner, rate_limits});
			const rotated = await server.call(`${path}/rotate`, {
				bearer: jwt,
				body: {grace_seconds: 3600},
			});
			t.is(rotated.status, 201);
			const next = rotated.json() as {key: string; id: string};
			for (const [bearer, keyId] of [
				[key, id],
				[next.key, next.id],
			] as const) {
				t.is((await call(proxy.url, '/', {bearer})).status, 200);
				const [seen] = service.take();
				t.like(seen?.headers, {
					'x-auth-key-id': keyId,
					'x-auth-lineage': id,
					'x-auth-owner': `${owner.type}/${encodeURIComponent(owner.id)}`,
					'x-auth-scopes': scopes.join(' '),
				});
			}
			t.is((await server.call(`${path}/rotation/finish`, {bearer: jwt, body: {}})).status, 200);
			t.is((await call(proxy.url, '/', {bearer: key})).status, 401);
			t.deepEqual(service.take(), []);
		},
	);

	test.serial(
		ofProxy('with deny=403 every refusal arrives as 403 that tells its status'),
		async (t) => {
			const {server, jwt, service} = live();
			const query = '?scopes=orders.read&credentials=api_key&deny=403';
			const own = await startProxy(program, {service: service.port, latchkey: server.port}, query);
			const never = {limit: 3, window_seconds: 3600, burst: 1, cost: 2};
			const keyOf = async (terms: object) => (await newKey(live(), terms)).key;
			try {
				for (const [bearer, code] of [
					['hklst_nonsense', 'unauthorized'],
					[await keyOf({scopes: ['eu']}), 'insufficient_scope'],
					[await keyOf({ip_allow: ['192.0.2.0/24']}), 'ip_denied'],
					[jwt, 'api_key_required'],
					[await keyOf({rate_limits: [{name: 'never', ...never}]}), 'rate_limited'],
					[await keyOf({quota: {limit: 1, period: 'month', cost: 2}}), 'quota_exceeded'],
				] as const) {
					const {status, message} = errors[code];
					// What the client asks for beside it, never reaches the check.
					const answer = await call(own.url, '/?deny=status&credentials=any', {bearer});
					t.is(answer.status, 403, code);
					t.is(answer.text, JSON.stringify({error: message}));
					t.is(answer.headers['latchkey-error-code'], code);
					t.is(answer.headers['latchkey-denied-status'], String(status));
					t.is(
						'www-authenticate' in answer.headers,
						status === 401 || code === 'insufficient_scope',
					);
					t.is('retry-after' in answer.headers, status === 429, code);
					t.is('ratelimit' in answer.headers, status === 429, code);
				}
				t.deepEqual(service.take(), []);
				const key = await keyOf({scopes: ['orders.*']});
				t.is((await call(own.url, '/?scopes=eu', {bearer: key})).status, 200);
				t.is(service.take().length, 1);
			} finally {
				await own.stop();
			}
		},
	);

	test.serial(ofProxy('a check that cannot be read (400) lets nobody in'), async (t) => {
		const {server, jwt, service} = live();
		const {key} = await newKey(live());
		const ports = {service: service.port, latchkey: server.port};
		const own = await startProxy(program, ports, '?scope=orders.read');
		try {
			for (const bearer of [key, jwt]) {
				const {status} = await call(own.url, '/?scopes=orders.read', {bearer});
				t.true(status === 400 || status === 503, String(status));
			}
			t.deepEqual(service.take(), []);
		} finally {
			await own.stop();
		}
	});

	test.serial(ofProxy('an organisation that a user is not in is not found'), async (t) => {
		const {server, jwt, proxy, service} = live();
		const {id} = await makeOrganisation(server, jwt, 'team');
		const answer = await call(proxy.url, '/', {
			bearer: jwt,
			headers: {'Latchkey-Organization': id.replace(/^./, (digit) => (digit === '0' ? '1' : '0'))},
		});
		t.is(answer.status, 404);
		t.is(answer.text, JSON.stringify({error: errors.organization_not_found.message}));
		t.deepEqual(service.take(), []);
	});
}
