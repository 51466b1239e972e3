import test from 'ava';
import {makeKey, makeOrganisation} from '../helpers/appliance.ts';
import {openAppliance} from '../helpers/opening.ts';

const {appliance, server, jwt} = await openAppliance();

test.after.always(() => appliance.stop());

test('S-64: what SQL takes for a wildcard is itself in every filter', async (t) => {
	const {id} = await makeOrganisation(server, jwt, 'team');
	const key = await makeKey(server, jwt, id, '100% of_all');
	const path = `/api/v1/organizations/${id}/audit`;
	/** Entries found; a filter that refuses what it was given finds none. */
	const found = async (query: string) => {
		const answer = await server.call(`${path}?${query}`, {bearer: jwt});
		t.true(answer.status === 200 || answer.status === 400, query);
		return answer.status === 200 ? (answer.json() as unknown[]).length : 0;
	};
	t.is(await found(`target=${key.id}`), 1);
	for (const wildcard of ['%', '_', '%%', '\\%', `${key.id.slice(0, -1)}_`, `${key.id}%`]) {
		for (const filter of ['target', 'actor']) {
			t.is(await found(`${filter}=${encodeURIComponent(wildcard)}`), 0, `${filter} ${wildcard}`);
		}
		const action = await server.call(`${path}?action=${encodeURIComponent(wildcard)}`, {
			bearer: jwt,
		});
		t.is(action.status, 400, wildcard);
	}
});
