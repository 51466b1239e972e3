import test from 'ava';
import type {CreatedKey} from '../../contract/keys.ts';
import {routes} from '../../contract/routes.ts';
import type {Route} from '../../contract/route.ts';
import {defaultOrganisation} from '../helpers/appliance.ts';
import {openAppliance} from '../helpers/opening.ts';

const {appliance, server, jwt, db} = await openAppliance();
const {id: organisationId} = await defaultOrganisation(server, jwt);
const keysPath = `/api/v1/organizations/${organisationId}/api-keys`;

test.after.always(() => appliance.stop());

/** What an older server would not understand, as each endpoint is asked for it. */
const newTerms: Record<string, object> = {
	createKey: {name: 'new', ip_allow: ['192.0.2.0/24']},
	updateKey: {ip_allow: ['192.0.2.0/24']},
	suspendKey: {},
	rotateKey: {},
	revokeSelf: {},
	revokeToken: {},
	updateKeyPolicy: {max_lifetime_days: 30, applies_to_existing: 'enforce'},
	updateAppliancePolicy: {max_lifetime_days: 30, applies_to_existing: 'enforce'},
	setOrganisationLimits: {rate_limits: [{name: 'burst', limit: 1, window_seconds: 1}]},
	setOwnerLimits: {rate_limits: [{name: 'burst', limit: 1, window_seconds: 1}]},
};

test('while an older server runs, every endpoint that would leave it behind says so', async (t) => {
	const making = {bearer: jwt, body: {name: 'there', delete_protected: true}};
	const key = (await server.call(keysPath, making)).json() as CreatedKey;
	await db.raw(
		"insert into verifiers (id, name, lease_until) values (gen_random_uuid(), 'older', clock_timestamp() + interval '1 hour')",
	);
	const saying = Object.entries<Route>(routes).filter(([, route]) =>
		route.errors?.includes('upgrade_in_progress'),
	);
	t.deepEqual(saying.map(([name]) => name).toSorted(), Object.keys(newTerms).toSorted());
	const ids: Record<string, string> = {org_id: organisationId, key_id: key.id};
	for (const [name, {method, path, credentials, form}] of saying) {
		const given = form
			? {
					body: new URLSearchParams({token: key.key}).toString(),
					headers: {'Content-Type': 'application/x-www-form-urlencoded'},
				}
			: {body: newTerms[name], bearer: credentials === 'api_key' ? key.key : jwt};
		const answer = await server.call(
			path.replaceAll(/:(\w+)/g, (_, id: string) => ids[id] ?? 'team'),
			{method, ...given},
		);
		t.is(answer.headers['latchkey-error-code'], 'upgrade_in_progress', name);
	}
});
