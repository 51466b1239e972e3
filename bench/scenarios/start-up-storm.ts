import {setTimeout as delay} from 'node:timers/promises';
import {layOut, rounded} from '../figures.ts';
import {failures, type Scenario} from '../scenario.ts';
import {committed, connectBench} from '../statements.ts';
import {find} from '../targets.ts';

/**
 * Everybody at once, right after a start: a connection for every request that a server works on
 * at once (LATCHKEY_MAX_IN_FLIGHT), and no key twice.
 */
export const startUpStorm: Scenario = {
	name: 'start-up-storm',
	title: 'distinct keys at once on a fresh server',
	keys: ({sizes}) => sizes.stormKeys,
	async run(bench) {
		const {fixture, services, signal, options} = bench;
		const {stormKeys, stormConnections, idleSeconds} = options.sizes;
		const keys = fixture.known.slice(0, stormKeys);
		const db = connectBench(services.database);
		try {
			const program = await bench.startServer();
			const before = await committed(db);
			const target = find('self');
			const storm = await bench.useOnce({program, target, keys, connections: stormConnections});
			await delay(idleSeconds * 1000, undefined, {signal});
			const statements = (await committed(db)) - before;
			const result = {
				keys: keys.length,
				connections: stormConnections,
				seconds: rounded(storm.seconds, 2),
				p50Ms: rounded(storm.p50Ms, 1),
				p99Ms: rounded(storm.p99Ms, 1),
				statements,
				failures: storm.failureCount,
			};
			return {
				result,
				table: layOut(
					['start-up storm', 'seconds', 'p50 ms', 'p99 ms', 'statements', 'failures'],
					[
						[
							`${keys.length} keys, ${stormConnections} connections`,
							...[result.seconds, result.p50Ms, result.p99Ms, statements].map(String),
							String(storm.failureCount),
						],
					],
				),
				faults: failures('start-up storm', storm, keys.length),
			};
		} finally {
			await db.destroy();
		}
	},
};
