import type {Diagnosis} from '../../../../contract/diagnosis.ts';
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
	/** What the server found; absent where it did not say. */
	readonly checks?: Diagnosis;
};

export const systemList: ListSource<HealthReport> = {
	of: 'user',
	readers: 'system:read',
	async read({client}) {
		try {
			const [{body: system}, checks] = await Promise.all([
				client.call('system', {}),
				client.call('systemChecks', {}).then(
					({body}) => body,
					() => undefined,
				),
			]);
			const {versions, dependencies} = system;
			const report = {id: 'system', version: versions.latchkey, dependencies, system} as const;
			return [checks === undefined ? report : {...report, checks}];
		} catch (error) {
			// With PostgreSQL away nobody can be let in; readiness can still be asked for.
			if (!(error instanceof Failure) || (error.details.status ?? 0) < 500) throw error;
			return [await readReadiness(client, 'system')];
		}
	},
};

export const readinessList: ListSource<HealthReport> = {
	of: 'user',
	readers: 'everybody',
	read: async ({client}) => [await readReadiness(client, 'readiness')],
};

/** What everybody may ask for, even while nothing else is answered. */
async function readReadiness(client: Client, id: HealthList): Promise<HealthReport> {
	const {version, dependencies} = (await client.call('ready', {})).body;
	return {id, version, dependencies};
}
