import type {Ready} from '../../../../contract/health.ts';
import type {System} from '../../../../contract/system.ts';
import type {ListSource} from '../../../app/list-source.ts';
import type {Client} from '../../../client/client.ts';
import {Failure} from '../../../failure.ts';

/** How the appliance is: one row; `system` is for operators, everybody may ask for the other. */
export type HealthList = 'system' | 'readiness';
export type HealthReport = Pick<Ready, 'version' | 'dependencies'> & {
	readonly id: HealthList;
	readonly system?: System;
};

export const systemList: ListSource<HealthReport> = {
	of: 'user',
	async read({client}) {
		try {
			const {body: system} = await client.call('system', {});
			const {versions, dependencies} = system;
			return [{id: 'system', version: versions.latchkey, dependencies, system}];
		} catch (error) {
			// With PostgreSQL away nobody can be let in; readiness can still be asked for.
			if (!(error instanceof Failure) || (error.details.status ?? 0) < 500) throw error;
			return [await readReadiness(client, 'system')];
		}
	},
};

export const readinessList: ListSource<HealthReport> = {
	of: 'user',
	read: async ({client}) => [await readReadiness(client, 'readiness')],
};

/** What everybody may ask for, even while nothing else is answered. */
async function readReadiness(client: Client, id: HealthList): Promise<HealthReport> {
	const {version, dependencies} = (await client.call('ready', {})).body;
	return {id, version, dependencies};
}
