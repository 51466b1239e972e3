import {loadMigrateConfig, readMasterKeys} from '../core/config/config.ts';
import {connectDatabase} from '../core/db/connect.ts';
import {migrate} from '../core/db/migrate.ts';
import {createLog} from '../core/log.ts';
import {requireLastingSecrets} from '../core/secrets/lasting.ts';
import {claimMasterKeys} from '../core/secrets/master-keys.ts';
import {whenAvailable} from '../core/start.ts';

/**
 * Brings the schema up to date, gives server and worker the rights they need in it, and remembers
 * which master key belongs to this database. Any number may run at once.
 *
 * @throws {ConfigurationError | SecretsError | SchemaError}
 */
export async function main(migrationsDirectory: string): Promise<void> {
	const config = loadMigrateConfig(process.env);
	const read = () => readMasterKeys(process.env);
	requireLastingSecrets(config);
	const log = createLog(config);
	const {directDatabase: application, ownerDatabase: owner} = config;
	const isOneRole = owner.user === application.user;
	const db = connectDatabase({...owner, poolMax: 1}, 'migrate');
	try {
		// Before anything is changed, and again for a database that was empty.
		await whenAvailable(() => claimMasterKeys(db, read), log);
		const applied = await migrate({
			database: owner,
			application: isOneRole ? undefined : {name: application.user, password: application.password},
			directory: migrationsDirectory,
			log,
		});
		await whenAvailable(() => claimMasterKeys(db, read), log);
		log.info({applied}, applied.length === 0 ? 'the schema is current' : 'the schema was migrated');
		if (isOneRole) {
			log.warn(
				{role: owner.user},
				'server and worker use the role that owns the schema, so only the hash chain protects what was audited; docs/database.md says how to give them a role of their own',
			);
		}
	} finally {
		await db.destroy();
	}
}
