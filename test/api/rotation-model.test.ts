import test from 'ava';
import fc from 'fast-check';
import type {CreatedKey, KeyDetail} from '../../contract/keys.ts';
import type {KeyStatus} from '../../contract/key-status.ts';
import {makeOrganisation} from '../helpers/appliance.ts';
import {openAppliance} from '../helpers/opening.ts';

/*
Random sequences of what can be done with the keys of a lineage, held against a small model: what each
call is answered, what every key is then, and whether each of two servers accepts it.
*/

const {appliance, server, jwt, db} = await openAppliance();
const second = await appliance.startServer();
const servers = [server, second];

test.after.always(() => appliance.stop());

/** A key as the model has it. */
type Known = {
	id: string;
	key: string;
	isRevoked: boolean;
	isSuspended: boolean;
	/** Undefined: it was not rotated; or what became of its grace. */
	grace: 'running' | 'over' | undefined;
	replaces: Known | undefined;
	successor: Known | undefined;
};

const isGone = ({isRevoked, grace}: Known) => isRevoked || grace === 'over';
const isRotating = (known: Known) => known.grace === 'running' && !known.isRevoked;

function statusOf(known: Known): KeyStatus {
	if (known.isRevoked) return 'revoked';
	if (known.grace === 'over') return 'rotated';
	if (known.isSuspended) return 'suspended';
	return known.grace === 'running' ? 'rotating' : 'active';
}

/** The key whose grace a call on `known` is about. */
function rotationOf(known: Known): Known | undefined {
	if (isRotating(known)) return known;
	const before = known.replaces;
	return before !== undefined && before.successor === known && isRotating(before)
		? before
		: undefined;
}

const steps = ['rotate', 'rotate0', 'rotateOn', 'finish', 'cancel', 'revoke'] as const;
const otherSteps = ['lineage', 'suspend', 'resume', 'patch', 'deadline'] as const;
type Step = {what: (typeof steps)[number] | (typeof otherSteps)[number]; which: number; at: number};

const sequence = fc.array(
	fc.record<Step>({
		// What rotates comes more often than what ends all.
		what: fc.constantFrom(...steps, ...steps, ...otherSteps),
		which: fc.nat(7),
		at: fc.nat(1),
	}),
	{minLength: 4, maxLength: 14},
);

/** Meets each of the rules, whatever the others come to. */
const everyRule = (
	[
		['rotate', 0],
		['rotate', 0],
		['rotate', 1],
		['cancel', 1],
		['rotate', 1],
		['rotate', 0],
		['rotateOn', 2],
		['finish', 3],
		['finish', 3],
		['revoke', 0],
		['lineage', 0],
	] as const
).map(([what, which], at): Step => ({what, which, at: at % 2}));

test('whatever is done with the keys of a lineage, it is as the model says', async (t) => {
	const organisation = await makeOrganisation(server, jwt, 'team');
	const list = `/api/v1/organizations/${organisation.id}/api-keys`;
	const seen = new Set<string>();

	await fc.assert(
		fc.asyncProperty(sequence, async (planned) => {
			const first = await server.call(list, {bearer: jwt, body: {name: 'model'}});
			const {id, key} = first.json() as CreatedKey;
			const plain = {isRevoked: false, isSuspended: false, grace: undefined, successor: undefined};
			const known: Known[] = [{id, key, ...plain, replaces: undefined}];

			for (const {what, which, at} of planned) {
				const of = known[which % known.length];
				const on = servers[at] ?? server;
				if (of === undefined) throw new Error('no key');
				const path = `${list}/${of.id}`;
				const post = (end: string, body: object = {}) =>
					on.call(`${path}/${end}`, {bearer: jwt, body});
				const expected = expectedOf(what, of, known);
				let answer;
				if (what === 'deadline') {
					// As if the time had come; nobody is told here.
					await db('api_keys')
						.where({id: of.id})
						.whereNotNull('grace_until')
						.update({grace_until: db.raw('now()')});
					await db.raw('select 1');
				} else if (what === 'revoke' || what === 'lineage') {
					const query = what === 'lineage' ? '?lineage=true' : '';
					answer = await on.call(path + query, {method: 'DELETE', bearer: jwt});
				} else if (what === 'patch') {
					answer = await on.call(path, {
						method: 'PATCH',
						bearer: jwt,
						body: {name: `model ${Math.random()}`},
					});
				} else if (what === 'suspend' || what === 'resume') {
					answer = await post(what);
				} else if (what === 'finish' || what === 'cancel') {
					answer = await post(`rotation/${what}`);
				} else {
					answer = await post('rotate', {
						...(what === 'rotate0' ? {grace_seconds: 0} : {}),
						...(what === 'rotateOn' ? {finish_previous: true} : {}),
					});
				}
				const code = answer?.headers['latchkey-error-code'] ?? answer?.status ?? 'done';
				if (code !== expected.code) {
					throw new Error(`${what} of ${statusOf(of)}: ${String(code)}, not ${expected.code}`);
				}
				seen.add(`${what} ${code}`);
				if (code === 201) {
					const made = answer?.json() as CreatedKey & KeyDetail;
					if (made.lineage_id !== id) throw new Error('another lineage');
					const next = {id: made.id, key: made.key, ...plain, replaces: of};
					expected.apply(next);
					known.push(next);
				} else {
					expected.apply(undefined);
				}
				await hold(known, what === 'deadline');
			}
		}),
		{numRuns: 25, endOnFailure: true, examples: [[everyRule]]},
	);

	/** Every key is as the model has it, everywhere. */
	async function hold(known: readonly Known[], isAnnouncedOnly: boolean): Promise<void> {
		const live = known.filter((each) => !isGone(each));
		if (live.length > 2) throw new Error(`${live.length} live keys`);
		for (const each of known) {
			const shown = (await server.call(`${list}/${each.id}`, {bearer: jwt})).json() as KeyDetail;
			if (shown.status !== statusOf(each)) {
				throw new Error(`${shown.status}, not ${statusOf(each)}`);
			}
			const isAccepted = !isGone(each) && !each.isSuspended;
			for (const at of servers) {
				const isIn = async () =>
					(await at.call('/api/v1/keys/self', {bearer: each.key})).status === 200;
				// Only what was answered holds at once; the announcement of psql comes soon.
				for (let tries = 0; (await isIn()) !== isAccepted; tries++) {
					if (!isAnnouncedOnly || tries > 200) {
						throw new Error(`${statusOf(each)} is ${isAccepted ? 'refused' : 'accepted'}`);
					}
				}
			}
		}
	}

	// Each rule was met.
	for (const rule of [
		'rotate 201',
		'rotate already_rotated',
		'rotate rotation_open',
		'rotate key_revoked',
		'rotateOn 201',
		'finish 200',
		'finish no_rotation',
		'cancel 200',
		'lineage 200',
		'revoke api_key_not_found',
	]) {
		t.true(seen.has(rule), rule);
	}
});

/** What a step is answered, and what it makes of the model. */
function expectedOf(
	what: Step['what'],
	of: Known,
	known: readonly Known[],
): {code: string | number; apply: (made: Known | undefined) => void} {
	const refused = (code: string | number) => ({code, apply: () => {}});
	const done = (apply: (made: Known | undefined) => void, code: string | number = 200) => ({
		code,
		apply,
	});
	const rotation = rotationOf(of);
	switch (what) {
		case 'rotate':
		case 'rotate0':
		case 'rotateOn':
			if (of.successor !== undefined) return refused('already_rotated');
			if (isGone(of)) return refused('key_revoked');
			if (rotation !== undefined && what !== 'rotateOn') return refused('rotation_open');
			return done((made) => {
				if (rotation !== undefined) rotation.grace = 'over';
				of.successor = made;
				if (what === 'rotate0') of.isRevoked = true;
				else of.grace = 'running';
			}, 201);
		case 'finish':
			if (rotation === undefined) return refused('no_rotation');
			return done(() => {
				rotation.grace = 'over';
			});
		case 'cancel':
			if (rotation === undefined) return refused('no_rotation');
			return done(() => {
				if (rotation.successor !== undefined && !isGone(rotation.successor)) {
					rotation.successor.isRevoked = true;
				}
				rotation.successor = undefined;
				rotation.grace = undefined;
			});
		case 'revoke':
			if (isGone(of)) return refused('api_key_not_found');
			return done(() => {
				of.isRevoked = true;
			});
		case 'lineage': {
			const live = known.filter((each) => !isGone(each));
			if (live.length === 0) return refused('api_key_not_found');
			return done(() => {
				for (const each of live) each.isRevoked = true;
			});
		}
		case 'suspend':
		case 'resume':
			if (isGone(of)) return refused('key_revoked');
			return done(() => {
				of.isSuspended = what === 'suspend';
			});
		case 'patch':
			return isGone(of) ? refused('key_revoked') : done(() => {});
		case 'deadline':
			return done(() => {
				if (of.grace === 'running') of.grace = 'over';
			}, 'done');
	}
}
