import {generateKeyPairSync} from 'node:crypto';
import test from 'ava';
import {createAppliance, defaultOrganisation} from '../helpers/appliance.ts';
import {apiAudience, startIdentityProvider} from '../helpers/identity-provider.ts';
import {edKey, rsaKey, startStubIssuer, type IssuerKey} from '../helpers/issuer.ts';
import {eventually} from '../helpers/program.ts';

function ecKey(kid: string): IssuerKey {
	const {privateKey, publicKey} = generateKeyPairSync('ec', {namedCurve: 'P-256'});
	return {kid, alg: 'ES256', privateKey, jwk: {...publicKey.export({format: 'jwk'}), kid}};
}

for (const key of [rsaKey('rsa'), ecKey('ec'), edKey('ed')]) {
	test(`access tokens of a real provider are accepted, with their claims to rights: ${key.alg}`, async (t) => {
		const provider = await startIdentityProvider({key, claimsInIdToken: true});
		t.teardown(provider.stop);
		const appliance = await createAppliance();
		t.teardown(() => appliance.stop());
		const first = await appliance.startServer();
		const admin = await first.logIn();
		const organisation = await defaultOrganisation(first, admin);
		const other = await first.call('/api/v1/organizations', {bearer: admin, body: {name: 'other'}});
		const {id: otherId} = other.json() as {id: string};
		const entry = {
			name: 'real',
			issuer: provider.issuer,
			audience: apiAudience,
			algorithms: [key.alg],
			allow_insecure_http: true,
			claims: {
				organization: {
					claim: 'groups',
					map: {payments: organisation.id, admins: {id: organisation.id, role: 'admin'}},
				},
				role: {default: 'viewer'},
				operator: {claim: 'groups', values: ['operators']},
			},
		};
		const server = await appliance.startServer({
			LATCHKEY_IDENTITY_PROVIDERS: JSON.stringify([entry]),
		});
		provider.people.set('vera', {groups: ['payments']});
		provider.people.set('adam', {groups: ['payments', 'admins']});
		provider.people.set('olga', {groups: ['operators']});
		provider.people.set('nina', {});
		const tokenOf = Object.fromEntries(
			await Promise.all(
				['vera', 'adam', 'olga', 'nina'].map(async (name) => [
					name,
					await provider.accessToken(name),
				]),
			),
		) as Record<string, string>;
		const as = (name: string, route: string, body?: unknown) =>
			server.call(route, {bearer: tokenOf[name] ?? '', body});
		const keys = `/api/v1/organizations/${organisation.id}/api-keys`;

		t.like((await as('vera', '/api/v1/auth/me')).json(), {
			email: 'vera@example.com',
			operator: false,
			role: 'viewer',
			organization: {id: organisation.id},
		});
		t.is((await as('vera', keys)).status, 200);
		t.is((await as('vera', keys, {name: 'x'})).status, 403);
		t.is((await as('vera', `/api/v1/organizations/${otherId}/api-keys`)).status, 404);
		const visible = (await as('vera', '/api/v1/organizations')).json() as {id: string}[];
		t.deepEqual(
			visible.map(({id}) => id),
			[organisation.id],
		);

		t.is((await as('adam', keys, {name: 'made by Adam'})).status, 201);
		t.like((await as('adam', '/api/v1/auth/me')).json(), {role: 'admin'});
		const invitations = `/api/v1/organizations/${organisation.id}/invitations`;
		const invited = await as('adam', invitations, {email: 'ivy@example.com', role: 'viewer'});
		t.is(invited.status, 403, 'it would end with the rights of who made it');
		t.is(invited.headers['latchkey-error-code'], 'membership_required');
		t.deepEqual((await as('adam', invitations)).json(), []);

		t.like((await as('olga', '/api/v1/auth/me')).json(), {operator: true, role: null});
		t.is((await as('olga', `/api/v1/organizations/${otherId}/api-keys`)).status, 200);

		t.like((await as('nina', '/api/v1/auth/me')).json(), {operator: false, organization: null});
		t.is((await as('nina', keys)).status, 404);
		t.deepEqual((await as('nina', '/api/v1/organizations')).json(), []);
	});
}

test('S-50: a server whose provider is away answers 503, and no word of what it sends is logged', async (t) => {
	const key = rsaKey('key');
	const stub = await startStubIssuer(key.jwk);
	t.teardown(stub.close);
	const canary = 'canary-of-the-provider';
	stub.answer((_request, response) => response.end(`{"keys": "${canary}"} ${canary}`));
	const appliance = await createAppliance();
	t.teardown(() => appliance.stop());
	const server = await appliance.startServer({
		LATCHKEY_LOG_LEVEL: 'trace',
		LATCHKEY_IDENTITY_PROVIDERS: JSON.stringify([
			{
				name: 'away',
				issuer: stub.url,
				audience: apiAudience,
				algorithms: ['RS256'],
				jwks_uri: `${stub.url}/jwks`,
				allow_insecure_http: true,
			},
		]),
	});
	const claims = {iss: stub.url, aud: apiAudience, sub: 'p', iat: 1, exp: 2};
	const token = ['{"alg":"RS256","typ":"at+jwt","kid":"key"}', JSON.stringify(claims), 'signature']
		.map((part) => Buffer.from(part).toString('base64url'))
		.join('.');
	const answer = await server.call('/api/v1/auth/me', {bearer: token});
	t.is(answer.status, 503);
	t.is(answer.text, '{"error":"The identity provider could not be reached"}');
	t.is(answer.headers['latchkey-error-code'], 'provider_unavailable');
	t.is(answer.headers['retry-after'], '30');
	t.is((await server.call('/api/v1/auth/me', {bearer: await server.logIn()})).status, 200);
	const line = await eventually(() =>
		server
			.output()
			.split('\n')
			.find((each) => each.includes('could not be read')),
	);
	t.like(JSON.parse(line), {level: 'warn', provider: 'away', reason: 'an answer that is not JSON'});
	t.false(server.output().includes(canary));
});
