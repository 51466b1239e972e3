import {loadServerConfig, readMasterKeys} from '../../core/config/config.ts';
import {connectDatabase} from '../../core/db/connect.ts';
import {createDeps, shippedParts, type Deps, type Parts} from '../../core/deps.ts';
import {createLog} from '../../core/log.ts';
import {openSecrets} from '../../core/open-secrets.ts';
import type {Appliance} from './appliance.ts';
import {withEveryRoute} from './opening.ts';

/**
 * What a server is made of, in this process; to be closed.
 *
 * @param env settings beside those of the appliance
 * @param parts instead of those that are shipped
 */
export async function openDeps(
	appliance: Pick<Appliance, 'env' | 'database'>,
	env: Record<string, string> = {},
	parts: Partial<Parts> = {},
): Promise<Deps> {
	const environment = {...appliance.env, ...withEveryRoute, ...env};
	const config = loadServerConfig(environment);
	const log = createLog({program: 'test', logLevel: 'silent', keyPrefix: config.keyPrefix});
	const db = connectDatabase(config.database, 'test');
	const secrets = await openSecrets({db, log, readMasterKeys: () => readMasterKeys(environment)});
	return createDeps(config, log, db, secrets, {...shippedParts, ...parts});
}
