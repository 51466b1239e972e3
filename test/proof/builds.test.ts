import test from 'ava';
import {createAppliance, type Appliance} from '../helpers/appliance.ts';
import {
	createDatabase,
	createRedis,
	type TestDatabase,
	type TestRedis,
} from '../helpers/services.ts';
import {onStage, playUntilCaught, type Scenario} from './scenarios.ts';
import type {Build} from './parts.ts';

/*
Each safeguard is taken out of the server, and the checker must find the build that lacks it. The real build goes through the same, with the same delays, and must not be found.
*/

let database: TestDatabase;
let redis: TestRedis;
let appliance: Appliance;

test.before(async () => {
	[database, redis] = await Promise.all([createDatabase(), createRedis()]);
	appliance = await createAppliance({
		env: {...database.env, ...redis.env},
		database: database.config,
		redis: redis.config,
		async close() {
			await Promise.all([database.drop(), redis.stop()]);
		},
	});
});

test.after.always(() => appliance.stop());

/** Each round has a fair chance: so many in a row are not missed by chance. */
const rounds = 500;

const needs: [Exclude<Build, 'correct'>, Scenario][] = [
	['no barrier', 'late announcement'],
	['no dirty marking', 'reading meanwhile'],
	['no lease', 'cut off'],
];

for (const [build, scenario] of needs) {
	test.serial(`a server with ${build} is caught: ${scenario}`, async (t) => {
		await onStage(appliance, database.adminConfig, build, async (stage) => {
			const caught = await playUntilCaught(stage, scenario, rounds);
			t.log(`caught in round ${caught.rounds}`);
			t.deepEqual(
				caught.violations.map(({rule}) => rule),
				['used after its revocation'],
			);
		});
	});
}

test.serial('the real server goes through the same and is not caught', async (t) => {
	await onStage(appliance, database.adminConfig, 'correct', async (stage) => {
		for (const [scenario, most] of [
			['late announcement', 50],
			['reading meanwhile', 50],
			['cut off', 1],
		] as const) {
			const {violations} = await playUntilCaught(stage, scenario, most);
			t.deepEqual(violations, [], scenario);
		}
	});
});
