import type {Redis} from 'ioredis';
import type {Knex} from 'knex';
import type {Pool} from 'pg';
import type {ServerConfig} from './config/config.ts';
import {denials} from './audit/denials.ts';
import {connectVerification} from './db/connect.ts';
import {findFactsByHash} from './keys/store.ts';
import {Coherence, type CoherenceOptions} from './verification/coherence.ts';
import {FactsMemory, type FactsMemoryOptions} from './verification/facts.ts';
import {cursors, type Cursors} from './db/cursor.ts';
import {keyFormat, type KeyFormat} from './keys/token.ts';
import type {Log} from './log.ts';
import {accessTokens, type AccessTokens} from './people/access-token.ts';
import {identityIssuers, type Issuers} from './people/issuers/issuers.ts';
import {outsiderRefusals} from './people/outsiders.ts';
import {throttledLogins} from './people/throttled-logins.ts';
import {connectRedis} from './redis/connect.ts';
import {redisNames} from './redis/names.ts';
import type {Secrets} from './secrets/open.ts';
import type {Vault} from './secrets/vault.ts';
import type {SigningKeys} from './signing/keys.ts';
import {UsageRecorder} from './usage/recorder.ts';
import {createVerifier, type Verifier} from './verification/verifier.ts';

/** Everything the server works with: built once, closed once, passed as one plain object. */
export type Deps = {
	config: Readonly<ServerConfig>;
	log: Log;
	db: Knex;
	verificationPool: Pool;
	redis: Redis;
	keys: KeyFormat;
	memory: FactsMemory;
	coherence: Coherence;
	verifier: Verifier;
	usage: UsageRecorder;
	vault: Vault;
	signingKeys: SigningKeys;
	accessTokens: AccessTokens;
	/** The operator's identity providers. */
	issuers: Issuers;
	cursors: Cursors;
	refreshTokenKey: Buffer;
	/** Records who was refused for want of rights. */
	noteDenial: ReturnType<typeof denials>;
	/** Records logins that too many others came before. */
	noteThrottled: ReturnType<typeof throttledLogins>;
	/** Records people and tokens of identity providers that were refused. */
	noteOutsider: ReturnType<typeof outsiderRefusals>;
	close: () => Promise<void>;
};

/** Parts that a test replaces, to see that it would notice. */
export type Parts = {
	memory: (options: FactsMemoryOptions) => FactsMemory;
	coherence: (options: CoherenceOptions) => Coherence;
};

const parts: Parts = {
	memory: (options) => new FactsMemory(options),
	coherence: (options) => new Coherence(options),
};

/** Also keys that memory has forgotten are counted. */
const leastUsageEntries = 100_000;

/** @param db connected and migrated; closed with the rest */
export function createDeps(
	config: Readonly<ServerConfig>,
	log: Log,
	db: Knex,
	{vault, signingKeys, instanceSecrets}: Secrets,
	make: Parts = parts,
): Deps {
	const verificationPool = connectVerification(config.database, 'server', log);
	const redis = connectRedis(config.redis, log);
	const keys = keyFormat(config.keyPrefix);
	const memory = make.memory({
		maxKeys: config.cacheMaxKeys,
		read: (hashes) =>
			findFactsByHash(verificationPool, hashes, {isPrepared: !config.database.isPooled}),
	});
	const coherence = make.coherence({database: config.directDatabase, db, memory, log});
	const usage = new UsageRecorder({
		redis,
		names: redisNames(config.redis.prefix),
		db,
		log,
		// A batch holds half of them, and all known keys may be in use.
		maxEntries: Math.max(leastUsageEntries, 2 * config.cacheMaxKeys),
	});
	return {
		config,
		log,
		db,
		verificationPool,
		redis,
		keys,
		usage,
		memory,
		coherence,
		verifier: createVerifier({format: keys, memory, lease: coherence, usage}),
		vault,
		signingKeys,
		accessTokens: accessTokens({
			keys: signingKeys,
			issuer: config.publicUrl,
			clockSkewSeconds: config.clockSkewSeconds,
		}),
		issuers: identityIssuers({
			providers: config.identityProviders,
			log,
			clockSkewSeconds: config.clockSkewSeconds,
		}),
		cursors: cursors(instanceSecrets.cursor),
		refreshTokenKey: instanceSecrets['refresh-token'],
		noteDenial: denials(db, log),
		noteThrottled: throttledLogins(db, log),
		noteOutsider: outsiderRefusals(db, log),
		async close() {
			signingKeys.stop();
			await coherence.stop();
			redis.disconnect();
			await Promise.allSettled([verificationPool.end(), db.destroy()]);
		},
	};
}
