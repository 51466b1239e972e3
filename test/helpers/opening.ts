import type {Knex} from 'knex';
import {connectDatabase} from '../../core/db/connect.ts';
import {createAppliance, type Appliance, type Server} from './appliance.ts';

/*
What most test files begin with, before their first test: an appliance with one server. They stop it
in a hook of their own, as ava wants all hooks declared at once, after whatever is awaited.
*/

/** Settings of a server that has every route of the contract. */
export const withEveryRoute: Record<string, string> = {LATCHKEY_UNKEY_COMPAT: '1'};

/** @param env settings of the server */
export async function openServer(
	env: Record<string, string> = {},
): Promise<{appliance: Appliance; server: Server}> {
	const appliance = await createAppliance();
	try {
		return {appliance, server: await appliance.startServer(env)};
	} catch (error) {
		await appliance.stop();
		throw error;
	}
}

/**
 * The same with the administrator logged in, and a way to the database as the role of the server,
 * which ends with the appliance.
 *
 * @param env settings of the server
 */
export async function openAppliance(
	env: Record<string, string> = {},
): Promise<{appliance: Appliance; server: Server; jwt: string; db: Knex}> {
	const {appliance, server} = await openServer(env);
	const db = connectDatabase(appliance.database, 'test');
	const stop = async () => {
		await db.destroy();
		await appliance.stop();
	};
	return {appliance: {...appliance, stop}, server, jwt: await server.logIn(), db};
}
