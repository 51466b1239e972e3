import test from 'ava';
import {authHeaders} from '../../contract/verification.ts';
import {readShipped} from './programs.ts';

/*
Examples for proxies that are in no package that tests could unpack: what can be known without running
them. docs/proxies.md says that they are not tested.
*/

/** How each of them names what Latchkey says of the caller. */
const others = {
	'apisix.yaml': (name: string) => new RegExp(`^ +- ${name}$`, 'm'),
	'envoy.yaml': () => /allowed_upstream_headers:\s+patterns:\s+- \{prefix: x-auth-, ignore_case/,
	'traefik-latchkey.yaml': () => /^ +authResponseHeadersRegex: \^X-Auth-$/m,
};

for (const [file, naming] of Object.entries(others)) {
	test(`${file} asks about each request, and takes all that tells who calls from the answer`, async (t) => {
		const shipped = await readShipped(file);
		t.regex(shipped, /\b(path_prefix: |https?:\/\/127\.0\.0\.1:8080)\/api\/v1\/forward-auth$/m);
		for (const name of Object.values(authHeaders)) {
			t.regex(name, /^X-Auth-/);
			t.regex(shipped, naming(name), name);
		}
	});
}
