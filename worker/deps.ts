import type {Knex} from 'knex';
import type {WorkerConfig} from '../core/config/config.ts';
import type {Clock} from '../core/clock/clock.ts';
import type {Log} from '../core/log.ts';
import type {RedisClient} from '../core/redis/connect.ts';
import type {RedisNames} from '../core/redis/names.ts';
import type {Vault} from '../core/secrets/vault.ts';
import type {SigningKeys} from '../core/signing/keys.ts';
import type {KnownUsage} from '../core/usage/known.ts';

/** Everything a job works with. */
export type WorkerDeps = {
	config: Readonly<WorkerConfig>;
	log: Log;
	db: Knex;
	redis: RedisClient;
	clock: Clock;
	names: RedisNames;
	vault: Vault;
	signingKeys: SigningKeys;
	/** Usage batches that this worker has settled already, with the version it saw. */
	settledUsage: Map<string, number>;
	knownUsage: KnownUsage;
};
