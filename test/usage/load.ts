import {outcomes, type Outcome} from '../../contract/outcomes.ts';
import {
	usageSeries,
	type Grouping,
	type KeyGrouping,
	type UsageSeries,
	type UsageStep,
} from '../../contract/usage.ts';
import type {CreatedKey} from '../../contract/keys.ts';
import {makeOrganisation, type Server} from '../helpers/appliance.ts';

/*
A load of checks whose every answer is written down, to be held against what the appliance has counted.
*/

type LoadKey = {id: string; key: string; owner: string | null; organisation: string};

/** One check that was asked for. */
export type Check = {
	key: LoadKey;
	/** What a check of this key from this address comes to, whatever else happens. */
	outcome: Outcome;
	tag: string;
	address: string;
	/** Who answered it, and when the answer was here, by the clock for waits. */
	by?: Server;
	at: number;
};

export type Told = {answered: Check[]; unanswered: Check[]};

const addresses = Array.from({length: 20}, (_, i) => `192.0.2.${i + 1}`);
const tags = ['route:read', 'route:write', 'route:list'];
const inBatch = 25;

export type LoadWorld = {organisations: string[]; keys: LoadKey[]};

/** Keys of two organisations, of which some are refused, each for another cause. */
export async function makeLoadKeys(server: Server, jwt: string): Promise<LoadWorld> {
	const organisations = [
		await makeOrganisation(server, jwt, 'team'),
		await makeOrganisation(server, jwt, 'team'),
	].map(({id}) => id);
	const keys: LoadKey[] = [];
	for (const organisation of organisations) {
		const path = `/api/v1/organizations/${organisation}/api-keys`;
		for (const terms of [
			{owner: {type: 'team', id: 'payments'}},
			{owner: {type: 'team', id: 'orders'}},
			{owner: {type: 'team', id: 'orders'}, ip_allow: ['192.0.2.0/29']},
			{},
			{owner: {type: 'user', id: 'left'}},
		]) {
			const body = {name: `key ${keys.length}`, ...terms};
			const answer = await server.call(path, {bearer: jwt, body});
			if (answer.status !== 201) throw new Error(answer.text);
			const {id, key} = answer.json() as CreatedKey;
			const owner = terms.owner ? `${terms.owner.type}/${terms.owner.id}` : null;
			keys.push({id, key, owner, organisation});
		}
		const last = keys.at(-1)?.id;
		await server.call(`${path}/${last}`, {bearer: jwt, method: 'DELETE'});
	}
	return {organisations, keys};
}

/** The check with a number: every key comes from every address, for every tag. */
function checkOf({keys}: LoadWorld, number: number): Check {
	const key = keys[number % keys.length] as LoadKey;
	const round = Math.floor(number / keys.length);
	const address = addresses[round % addresses.length] ?? '';
	const tag = tags[round % tags.length] ?? '';
	const kind = keys.filter(({organisation}) => organisation === key.organisation).indexOf(key);
	// Of 192.0.2.1 to .20 those to .7 are within the network.
	const isNear = round % addresses.length < 7;
	const outcome = kind === 4 ? 'revoked' : kind === 2 && !isNear ? 'ip_denied' : 'valid';
	return {key, outcome, tag, address, at: Number.POSITIVE_INFINITY};
}

/**
 * Sends checks, many in one request, until it is told to stop.
 *
 * @param server where to: another one once that was started again; undefined: nobody is there, wait
 * @returns what was answered, and what may have been counted all the same
 */
export function startLoad(
	world: LoadWorld,
	jwt: string,
	server: () => Server | undefined,
): {told: Told; stop: () => Promise<Told>} {
	const told: Told = {answered: [], unanswered: []};
	let isStopped = false;
	let number = 0;
	const send = async (organisation: string) => {
		while (!isStopped) {
			const to = server();
			if (to === undefined) {
				await new Promise((resolve) => setTimeout(resolve, 20));
				continue;
			}
			const checks: Check[] = [];
			while (checks.length < inBatch) {
				const check = checkOf(world, number++);
				if (check.key.organisation === organisation) checks.push(check);
			}
			const answer = await to
				.call('/api/v1/keys/verify/batch', {
					bearer: jwt,
					headers: {'Latchkey-Organization': organisation},
					body: {
						keys: checks.map(({key, address, tag}) => ({
							key: key.key,
							ip: address,
							tags: [tag],
							user_agent: 'load/1',
						})),
					},
				})
				.catch(() => undefined);
			if (answer?.status !== 200) {
				told.unanswered.push(...checks);
				continue;
			}
			const at = performance.now();
			const codes = (answer.json() as {code: string}[]).map(({code}) => code);
			for (const [i, check] of checks.entries()) {
				if (codes[i] !== outcomes[check.outcome].code)
					throw new Error(`${codes[i]}: not as planned`);
				told.answered.push({...check, by: to, at});
			}
		}
	};
	const senders = world.organisations.map(send);
	return {
		told,
		async stop() {
			isStopped = true;
			await Promise.all(senders);
			return told;
		},
	};
}

const groupOf: Record<Grouping, (check: Check) => string | null> = {
	outcome: ({outcome}) => outcome,
	key: ({key}) => key.id,
	owner: ({key}) => key.owner,
	tag: ({tag}) => tag,
	address: ({address}) => address,
};

type Sums = Record<string, {total: number; refused: number}>;

/** How often each group of checks occurs, and how many of them were refused. */
export function sumsOf(checks: readonly Check[], grouping: Grouping): Sums {
	const sums: Sums = {};
	for (const check of checks) {
		const sum = (sums[String(groupOf[grouping](check))] ??= {total: 0, refused: 0});
		sum.total++;
		if (check.outcome !== 'valid') sum.refused++;
	}
	return sums;
}

/** Under this name is what the appliance tells as `other`. */
export const notToldApart = 'other';

/** The same as the appliance tells it, of an organisation or of one key in it. */
export async function readSums(
	server: Server,
	jwt: string,
	of: {organisation: string; key?: string},
	grouping: Grouping | KeyGrouping,
	step: UsageStep,
): Promise<Sums> {
	// The load may have begun before midnight.
	const from = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
	const path = `/api/v1/organizations/${of.organisation}${of.key ? `/api-keys/${of.key}` : ''}/usage`;
	const query = `from=${from}T00:00:00Z&step=${step}&group_by=${grouping}`;
	const answer = await server.call(`${path}?${query}`, {bearer: jwt});
	if (answer.status !== 200) throw new Error(answer.text);
	const {series, other} = usageSeries.parse(answer.json()) as UsageSeries;
	const all = [...series, ...(other === null ? [] : [{...other, group: notToldApart}])];
	return Object.fromEntries(
		all.map(({group, total, refused, points}) => {
			const sum = points.reduce((sofar, [, count]) => sofar + count, 0);
			if (sum !== total) throw new Error(`${group}: points come to ${sum}, not ${total}`);
			return [String(group), {total, refused}];
		}),
	);
}
