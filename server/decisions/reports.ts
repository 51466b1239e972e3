import {errors} from '../../contract/errors.ts';
import {outcomes, type Outcome} from '../../contract/outcomes.ts';
import type {Log} from '../../core/log.ts';
import {createAccessLog} from '../http/access-log.ts';
import type {DeniedAs} from '../http/needed.ts';
import type {Metrics} from '../metrics/metrics.ts';

/** One line and one measurement, after the answer was sent. */
export type Report = (
	requestId: string,
	startedAt: number,
	ip: string | undefined,
	keyId: string | undefined,
) => void;

export type Reports = (outcome: Outcome) => Report;

export type Reporter = (method: string, route: string, deniedAs?: DeniedAs) => Reports;

/** @returns where the answers of one endpoint and method are reported, by what the check came to */
export function createReporter(log: Log, metrics: Metrics): Reporter {
	const linesOf = createAccessLog(log);
	const reportOf = (
		method: string,
		route: string,
		outcome: Outcome,
		deniedAs: DeniedAs,
	): Report => {
		const {error} = outcomes[outcome];
		const status = error === null ? 200 : (deniedAs ?? errors[error].status);
		const durations = metrics.requestSeconds.of(method, route, status);
		const writeLine = linesOf({
			method,
			route,
			status,
			authMethod: error === null ? 'api_key' : undefined,
			refusal: error === 'unauthorized' ? outcome : undefined,
			errorCode: error ?? undefined,
		});
		return (requestId, startedAt, ip, keyId) => {
			const ms = performance.now() - startedAt;
			durations.observe(ms / 1000);
			writeLine({requestId, ms, ip, keyId});
		};
	};
	return (method, route, deniedAs) => {
		const made = new Map<Outcome, Report>();
		return (outcome) => {
			let report = made.get(outcome);
			if (report === undefined)
				made.set(outcome, (report = reportOf(method, route, outcome, deniedAs)));
			return report;
		};
	};
}
