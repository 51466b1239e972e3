import type {Fault, History, Instant} from './history.ts';

/** Looked at for so long after PostgreSQL is back, in milliseconds, or until the next fault. */
const watchedMs = 10_000;

export const longFreeze = 'freeze PostgreSQL for longer than a lease';

/**
 * For each time that PostgreSQL was frozen for longer than a lease, the longest time for which a
 * server that was asked decided nothing once PostgreSQL was back, in milliseconds: until the last check
 * that it could not decide was answered, or for as long as one took that it did.
 */
export function timesUntilBack({operations, faults}: History): number[] {
	const uses = Map.groupBy(
		operations.filter(({kind}) => kind === 'use'),
		({server}) => server,
	);
	const freezes = faults.filter(({kind, to}) => kind === longFreeze && to < Infinity);
	return freezes.flatMap(({to: backAt}) => {
		const times = [...uses].flatMap(([server, asked]) => {
			const others = faults.filter((fault) => concerns(fault, server) && fault.to > backAt);
			const until = Math.min(backAt + watchedMs, ...others.map(({from}) => from));
			return asked
				.filter(({sentAt, answeredAt}) => answeredAt > backAt && sentAt < until)
				.map(({sentAt, answeredAt, status}) => {
					const isDecided = status === 200 || status === 401 || status === 403;
					const since: Instant = isDecided ? Math.max(sentAt, backAt) : backAt;
					return Math.min(answeredAt, until) - since;
				});
		});
		return times.length === 0 ? [] : [Math.round(Math.max(0, ...times))];
	});
}

/** Without Redis keys are checked as ever. */
function concerns(fault: Fault, server: string): boolean {
	return fault.server === undefined ? fault.kind !== 'kill Redis' : fault.server === server;
}
