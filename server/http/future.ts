import type {Clock} from '../../core/clock/clock.ts';
import {Problem} from './problem.ts';

/** @returns a problem with a time that has passed; none where there is no time */
export function passedTime(
	clock: Clock,
	field: string,
	instant: Date | undefined,
): Problem | undefined {
	if (instant === undefined || instant.getTime() > clock.now()) return undefined;
	return new Problem('invalid_field', {message: `${field} must be in the future`, field});
}
