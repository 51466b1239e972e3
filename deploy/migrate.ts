import {loadMigrateConfig, readMasterKeys} from '../core/config/config.ts';
import {connectDatabase} from '../core/db/connect.ts';
import {migrate} from '../core/db/migrate.ts';
import {createLog} from '../core/log.ts';
import {requireLastingSecrets} from '../core/secrets/lasting.ts';
import {claimMasterKeys} from '../core/secrets/master-keys.ts';
import {whenAvailable} from '../core/start.ts';

/**
 * Brings the schema up to date and remembers which master key belongs to this database. Any number
 * may run at once.
 *
 * @throws {ConfigurationError | SecretsError | SchemaError}
 */
export async function main(migrationsDirectory: string): Promise<void> {
	const config = loadMigrateConfig(process.env);
	const read = () => readMasterKeys(process.env);
	requireLastingSecrets(config);
	const log = createLog(config);
	const db = connectDatabase({...config.directDatabase, poolMax: 1}, 'migrate');
	try {
		// Before anything is changed, and again for a database that was empty.
		await whenAvailable(() => claimMasterKeys(db, read), log);
		const applied = await migrate({
			database: config.directDatabase,
			directory: migrationsDirectory,
			log,
		});
		await whenAvailable(() => claimMasterKeys(db, read), log);
		log.info({applied}, applied.length === 0 ? 'the schema is current' : 'the schema was migrated');
	} finally {
		await db.destroy();
	}
}
