import {createHash} from 'node:crypto';
import type {Router} from '@koa/router';
import {mostTags, tagFault} from '../../contract/labels.ts';
import {limitNameFault} from '../../contract/rate-limits.ts';
import type {UnkeyVerifyRequest} from '../../contract/unkey.ts';
import type {Deps} from '../../core/deps.ts';
import type {Asked} from '../../core/keys/asked.ts';
import {plainUse} from '../../core/limits/charges.ts';
import {askedLimit, type CompiledLimit} from '../../core/limits/definitions.ts';
import type {Lookup} from '../../core/verification/verifier.ts';
import {Problem} from '../http/problem.ts';
import {mount} from '../http/route.ts';
import {presentUnkeyVerification} from '../present/unkey.ts';
import {lookupFor} from './verify-all.ts';

/** What clients of Unkey ask, beside what `server/routes/verification.ts` has for our own. */
export function mountUnkey(router: Router, deps: Deps): void {
	const {verifier, clock} = deps;

	mount(router, deps, 'unkeyVerifyKey', async ({ctx, body, organisationId}) => {
		const found = await verifier.find(body.key.trim());
		const lookup = lookupFor(found, organisationId);
		const asked = askedBy(body, organisationId);
		const missing = missingLimit(body, lookup);
		// Another reason to refuse the key is told before a fault of the request.
		if (missing !== undefined && typeof lookup === 'object') {
			if (verifier.review(lookup, asked).outcome === 'valid') return noSuchLimit(missing);
		}
		const verdict = await verifier.judge(lookup, asked);
		const {requestId} = ctx.state;
		return {meta: {requestId}, data: presentUnkeyVerification(verdict, clock.now())};
	});
}

/** Nobody says from where the key is used: one that is bound to networks is refused. */
function askedBy(body: UnkeyVerifyRequest, organisationId: string): Asked {
	const {permissions: scopes, credits, ratelimits = [], tags} = body;
	const own = ratelimits.map(ownLimit).filter((limit) => limit !== undefined);
	return {
		ip: undefined,
		origin: undefined,
		organisationId,
		via: 'verify',
		tags: tags?.filter((tag) => tagFault(tag) === undefined).slice(0, mostTags),
		scopes,
		limits:
			ratelimits.length === 0 && credits === undefined
				? plainUse
				: {
						// A limit that the key has under the name of one of the caller's holds as well.
						named: new Map(ratelimits.map(({name, cost}) => [name, cost])),
						...(own.length > 0 && {own}),
						quotaCost: credits?.cost,
					},
	};
}

type AskedOf = NonNullable<UnkeyVerifyRequest['ratelimits']>[number];

/** A limit that the caller keeps for the key; undefined: one of the key is meant. */
function ownLimit({name, cost, limit, window_seconds}: AskedOf): CompiledLimit | undefined {
	if (limit === undefined || window_seconds === undefined) return undefined;
	const kept = askedLimit({name: nameInRedis(name), cost, limit, window_seconds});
	return {...kept, shown: name};
}

/** Names may have any characters: one that could not be asked for by `keys/verify` is kept by its hash. */
function nameInRedis(name: string): string {
	if (limitNameFault(name) === undefined) return name;
	return `~${createHash('sha256').update(name).digest('hex').slice(0, 32)}`;
}

/** The place of a limit by name that the key does not have. */
function missingLimit({ratelimits = []}: UnkeyVerifyRequest, lookup: Lookup): number | undefined {
	const ofKey = typeof lookup === 'object' ? (lookup.limits?.limits ?? []) : [];
	const place = ratelimits.findIndex(
		({name, limit}) => limit === undefined && ofKey.every(({shown}) => shown !== name),
	);
	return place < 0 ? undefined : place;
}

function noSuchLimit(place: number): Problem {
	const field = `ratelimits[${place}].name`;
	const message = `${field} is not that of a limit of the key: give limit and duration beside it`;
	return new Problem('invalid_field', {message, field});
}
