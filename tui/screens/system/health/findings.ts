import {postgresqlFinding, redisFinding} from '../../../../contract/dependency-findings.ts';
import {worstFirst, type HealthFinding} from '../../../../contract/diagnosis.ts';
import {plural} from '../../../text/plural.ts';
import type {HealthReport} from './list.ts';

/**
 * What is wrong, worst first: what the server has found, and what cannot be known. With less than an
 * operator's answer only what the dependencies say of themselves is known.
 */
export function findingsOf({id, dependencies, checks}: HealthReport): HealthFinding[] {
	if (checks !== undefined) return [...worstFirst(checks), ...unseen(checks)];
	const found = [
		postgresqlFinding(dependencies.postgresql),
		redisFinding(dependencies.redis),
	].filter((finding) => finding !== undefined);
	return id === 'readiness' ? found : [...found, notTold];
}

/** An older server has no such answer, and one that is too busy gave none. */
const notTold: HealthFinding = {
	level: 'unknown',
	what: 'What is wrong with the appliance was not told.',
	follows: 'Whether everything works is not known.',
	remedy:
		'Look again in a moment; `latchkey doctor` at the machine says more. An older server cannot say it.',
};

/** Checks that could not be made for want of something, once for each reason. */
function unseen({checks}: NonNullable<HealthReport['checks']>): HealthFinding[] {
	const reasons = new Map<string, number>();
	for (const {unknown_because: because} of checks) {
		if (because !== undefined) reasons.set(because, (reasons.get(because) ?? 0) + 1);
	}
	return [...reasons].map(([because, count]) => ({
		level: 'unknown',
		what: `${plural(count, ['check', 'checks'])} could not be made: ${because}.`,
		follows: 'Whether the rest works is not known.',
		remedy: 'Fix that first: what is checked then is shown here.',
	}));
}
