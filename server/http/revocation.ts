import type {Context} from 'koa';
import {headers} from '../../contract/errors.ts';
import type {BarrierResult} from '../../core/verification/barrier.ts';

/**
 * Says how far a change is in force: `verifiers=3; ms=4`. A server that did not answer is named:
 * `lapsed` ones may decide nothing from memory any more, so the change holds; an `unconfirmed` one
 * may still go by the old terms `until` then.
 */
export function reportBarrier(ctx: Context, barrier: BarrierResult): void {
	const {verifiers, ms, lapsed, unconfirmed} = barrier;
	const parts = [`verifiers=${verifiers}`, `ms=${Math.round(ms)}`];
	for (const id of lapsed) parts.push(`lapsed="${id}"`);
	for (const {id, until} of unconfirmed) {
		parts.push(`unconfirmed="${id}"`, `until="${until.toISOString()}"`);
	}
	ctx.set(headers.revocation, parts.join('; '));
	if (lapsed.length > 0 || unconfirmed.length > 0) {
		ctx.state.log().warn({lapsed, unconfirmed}, 'a server did not confirm a change');
	}
}
