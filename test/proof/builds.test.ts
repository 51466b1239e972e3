import test from 'ava';
import pg from 'pg';
import {createAppliance, onServices, type Appliance} from '../helpers/appliance.ts';
import {
	createDatabase,
	createRedis,
	type TestDatabase,
	type TestRedis,
} from '../helpers/services.ts';
import type {Rule} from './checker.ts';
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
	appliance = await createAppliance(onServices(database, redis));
});

test.after.always(() => appliance.stop());

/** Each round has a fair chance: so many in a row are not missed by chance. */
const rounds = 500;

const [revoked, suspended] = ['used after its revocation', 'used while it was suspended'] as const;
const shutOut = 'used from an address that was shut out';
const narrowed = 'used without its scope';
const rotated = 'used after its rotation';
const roleTaken = 'used without its role';
const roleNarrowed = 'used without the scope of its role';
const refused = 'a valid key refused';
/** By what a server lacks, what it is caught at. */
const needs: Record<
	Exclude<Build, 'correct' | 'own clock' | 'times judged once'>,
	[Scenario, Rule][]
> = {
	'no barrier': [
		['late announcement', revoked],
		['late announcement of a suspension', suspended],
	],
	'no dirty marking': [
		['reading meanwhile', revoked],
		['reading while it is suspended', suspended],
		['reading while a scope is taken', narrowed],
	],
	'no lease': [['cut off', revoked]],
	'no eviction of live keys': [
		['late announcement of a suspension', suspended],
		['late announcement of a patch', shutOut],
		['late announcement of a scope taken', narrowed],
		['late announcement of a scope given back', refused],
		['late announcement of a resumption', refused],
		['late announcement of a patch that widens', refused],
		['late announcement of the end of a grace', rotated],
		['late announcement of a role taken', roleTaken],
	],
	'grace cached': [['late announcement of the end of a grace', rotated]],
};

for (const [build, scenarios] of Object.entries(needs)) {
	test.serial(`a server with ${build} is caught`, async (t) => {
		await onStage(appliance, database.adminConfig, build as Build, async (stage) => {
			for (const [scenario, violated] of scenarios) {
				const caught = await playUntilCaught(stage, scenario, rounds);
				t.log(`${scenario}: caught in round ${caught.rounds}`);
				t.deepEqual(
					caught.violations.map(({rule}) => rule),
					[violated],
					scenario,
				);
			}
		});
	});
}

test.serial('the real server goes through the same and is not caught', async (t) => {
	await onStage(appliance, database.adminConfig, 'correct', async (stage) => {
		for (const [scenario, most] of [
			['late announcement', 50],
			['late announcement of a suspension', 20],
			['late announcement of a patch', 20],
			['late announcement of a scope taken', 20],
			['late announcement of a scope given back', 20],
			['late announcement of a resumption', 20],
			['late announcement of a patch that widens', 20],
			['late announcement of a rotation', 5],
			['late announcement of the end of a grace', 5],
			['late announcement of a cancelled rotation', 5],
			['a second end of a grace', 5],
			['a second cancellation', 5],
			['late announcement of a role taken', 5],
			['late announcement of a change of a role', 5],
			['reading meanwhile', 50],
			['reading while it is suspended', 20],
			['reading while a scope is taken', 20],
			['cut off', 1],
		] as const) {
			const {violations} = await playUntilCaught(stage, scenario, most);
			t.deepEqual(violations, [], scenario);
		}
	});
});

test.serial('what the triggers do not announce is caught', async (t) => {
	const forgetful = await createDatabase();
	const other = await createAppliance(onServices(forgetful, await createRedis()));
	try {
		await announceLess(forgetful, 'terms');
		await onStage(other, forgetful.adminConfig, 'correct', async (stage) => {
			for (const [scenario, violated] of [
				['late announcement of a suspension', []],
				['late announcement of a scope taken', [narrowed]],
				['late announcement of a role taken', []],
				['late announcement of a change of a role', [roleNarrowed]],
			] as const) {
				const {violations} = await playUntilCaught(stage, scenario, 20);
				t.deepEqual(
					violations.map(({rule}) => rule),
					violated,
					scenario,
				);
			}
		});
	} finally {
		await other.stop();
	}
});

/** Takes a column of keys out of those whose changes are announced, and changes of roles altogether. */
async function announceLess({adminConfig}: TestDatabase, column: string): Promise<void> {
	const admin = new pg.Client(adminConfig);
	await admin.connect();
	try {
		const {rows} = await admin.query<{text: string}>(
			`select pg_get_triggerdef(oid) as text from pg_trigger where tgname = 'api_keys_announce'`,
		);
		const text = rows[0]?.text ?? '';
		const without = text.replace(new RegExp(`, ${column}\\b`), '');
		if (without === text) throw new Error(`${column} is not announced`);
		await admin.query(without.replace('CREATE TRIGGER', 'CREATE OR REPLACE TRIGGER'));
		await admin.query('drop trigger key_roles_announce on key_roles');
	} finally {
		await admin.end();
	}
}
