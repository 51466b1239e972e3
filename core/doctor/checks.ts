import {checkGroups, groupOf, type CheckGroup, type HealthCheck} from './check.ts';
import {backupsChecks} from './checks/backups.ts';
import {bundleChecks} from './checks/bundle.ts';
import {certificatesChecks} from './checks/certificates.ts';
import {clocksChecks} from './checks/clocks.ts';
import {configurationChecks, secretsChecks} from './checks/configuration.ts';
import {machineChecks} from './checks/machine.ts';
import {networkChecks} from './checks/network.ts';
import {postgresqlStateChecks} from './checks/postgresql-state.ts';
import {postgresqlChecks} from './checks/postgresql.ts';
import {auditChecks, programsChecks, webhooksChecks} from './checks/programs.ts';
import {redisChecks} from './checks/redis.ts';
import {schemaChecks} from './checks/schema.ts';
import {versionsChecks} from './checks/versions.ts';

/** Every check there is: of the command, of the servers and of the page docs/doctor.md. */
export const allHealthChecks: readonly HealthCheck[] = [
	...configurationChecks,
	...secretsChecks,
	...machineChecks,
	...clocksChecks,
	...versionsChecks,
	...postgresqlChecks,
	...postgresqlStateChecks,
	...schemaChecks,
	...redisChecks,
	...programsChecks,
	...webhooksChecks,
	...auditChecks,
	...backupsChecks,
	...networkChecks,
	...bundleChecks,
	...certificatesChecks,
];

/**
 * @param wanted ids of checks, or of whole groups
 * @returns those that are meant, or the first name that is none
 */
export function chooseChecks(wanted: readonly string[]): readonly HealthCheck[] | string {
	const strange = wanted.find(
		(name) => !Object.hasOwn(checkGroups, name) && !allHealthChecks.some(({id}) => id === name),
	);
	if (strange !== undefined) return strange;
	return allHealthChecks.filter(
		(check) => wanted.includes(check.id) || wanted.includes(groupOf(check) satisfies CheckGroup),
	);
}
