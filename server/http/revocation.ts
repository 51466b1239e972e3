import type {Context} from 'koa';
import {headers} from '../../contract/errors.ts';
import type {BarrierResult} from '../../core/verification/barrier.ts';

/**
 * Says how far a change is in force: `verifiers=3; ms=4`, and where a server could not be reached
 * in time which, and until when it may still go by the old terms.
 */
export function reportBarrier(ctx: Context, barrier: BarrierResult): void {
	const parts = [`verifiers=${barrier.verifiers}`, `ms=${Math.round(barrier.ms)}`];
	for (const {id, until} of barrier.unconfirmed) {
		parts.push(`unconfirmed="${id}"`, `until="${until.toISOString()}"`);
	}
	ctx.set(headers.revocation, parts.join('; '));
	if (barrier.unconfirmed.length > 0) {
		ctx.state
			.log()
			.warn({unconfirmed: barrier.unconfirmed}, 'a change is not confirmed everywhere');
	}
}
