import type {Knex} from 'knex';
import type {ServerConfig} from './config/config.ts';
import {createDenialRecorder} from './audit/trail/denials.ts';
import {Clock} from './clock/clock.ts';
import {connectVerification} from './db/connect.ts';
import type {SessionPool} from './db/pool.ts';
import {findFactsByHash} from './keys/facts.ts';
import {Coherence, type CoherenceOptions} from './verification/coherence.ts';
import {FactsMemory, type FactsMemoryOptions} from './verification/facts.ts';
import {createCursors, type Cursors} from './db/cursor.ts';
import {createKeyFormat, type KeyFormat} from './keys/token.ts';
import {createScrubber, type Log} from './log.ts';
import {createAccessTokens, type AccessTokens} from './people/tokens/access-token.ts';
import {Names} from './outbound/names.ts';
import {createProviderAsker} from './issuers/fetch.ts';
import {createIssuers, type Issuers} from './issuers/issuers.ts';
import {createFederatedRefusalRecorder} from './people/federation/federated-users.ts';
import {createThrottledLoginRecorder} from './people/passwords/throttled-logins.ts';
import {connectRedis, type RedisClient} from './redis/connect.ts';
import {createRedisNames} from './redis/names.ts';
import type {Secrets} from './open-secrets.ts';
import type {Vault} from './secrets/vault.ts';
import type {SigningKeys} from './signing/keys.ts';
import {Limiter} from './limits/limiter.ts';
import {LimitRefusals} from './limits/refusals.ts';
import {QuotaWriter} from './limits/quota-writer.ts';
import {readCounts, writeCounts} from './limits/quota-store.ts';
import {DecisionTail} from './tail/tail.ts';
import {UsageRecorder} from './usage/recorder.ts';
import {createAgentReader} from './usage/user-agent.ts';
import {termsVersion} from './verification/terms-version.ts';
import {createVerifier, type Verifier} from './verification/verifier.ts';

/** Everything the server works with: built once, closed once, passed as one plain object. */
export type Deps = {
	config: Readonly<ServerConfig>;
	log: Log;
	db: Knex;
	verificationPool: SessionPool;
	redis: RedisClient;
	clock: Clock;
	keys: KeyFormat;
	memory: FactsMemory;
	coherence: Coherence;
	/** Which terms of keys this server understands. */
	termsVersion: number;
	verifier: Verifier;
	limiter: Limiter;
	quotaWriter: QuotaWriter;
	limitRefusals: LimitRefusals;
	usage: UsageRecorder;
	tail: DecisionTail;
	/** What a client calls itself, fit to be kept and shown; '' where it says nothing. */
	agentOf: (name: string) => string;
	vault: Vault;
	signingKeys: SigningKeys;
	accessTokens: AccessTokens;
	/** The operator's identity providers. */
	issuers: Issuers;
	cursors: Cursors;
	refreshTokenKey: Buffer;
	/** By which an `Idempotency-Key` is found again. */
	idempotencyKey: Buffer;
	/** Records who was refused for want of rights. */
	noteDenial: ReturnType<typeof createDenialRecorder>;
	/** Records logins that too many others came before. */
	noteThrottled: ReturnType<typeof createThrottledLoginRecorder>;
	/** Records people and tokens of identity providers that were refused. */
	noteFederatedRefusal: ReturnType<typeof createFederatedRefusalRecorder>;
	close: () => Promise<void>;
};

/** Parts that a test replaces, to see that it would notice. */
export type Parts = {
	clock: (log: Log) => Clock;
	memory: (options: FactsMemoryOptions) => FactsMemory;
	coherence: (options: CoherenceOptions) => Coherence;
	termsVersion: number;
};

export const shippedParts: Parts = {
	clock: (log) => new Clock({log}),
	memory: (options) => new FactsMemory(options),
	coherence: (options) => new Coherence(options),
	termsVersion,
};

/** Also keys that memory has forgotten are counted. */
const leastUsageEntries = 100_000;

/** @param db connected and migrated; closed with the rest */
export function createDeps(
	config: Readonly<ServerConfig>,
	log: Log,
	db: Knex,
	{vault, signingKeys, instanceSecrets}: Secrets,
	make: Parts,
): Deps {
	const names = new Names();
	const verificationPool = connectVerification(config.database, 'server', log);
	const redis = connectRedis(config.redis, log);
	// A command fails by the client later than the limiter has given up waiting for it.
	const limitsRedis = connectRedis(config.redis, log, config.limitsTimeoutMs + 450);
	const keys = createKeyFormat(config.keyPrefix);
	const memory = make.memory({
		maxKeys: config.cacheMaxKeys,
		read: (hashes) =>
			findFactsByHash(verificationPool, hashes, {
				isPrepared: !config.database.isPooled,
				termsVersion: make.termsVersion,
			}),
	});
	const clock = make.clock(log);
	const {now} = clock;
	const coherence = make.coherence({
		database: config.directDatabase,
		db,
		memory,
		log,
		clock,
		termsVersion: make.termsVersion,
		usageSentMsAgo: () => usage.sentMsAgo(),
	});
	const usage = new UsageRecorder({
		redis,
		names: createRedisNames(config.redis.prefix),
		db,
		log,
		// A batch holds half of them, and all known keys may be in use.
		maxEntries: Math.max(leastUsageEntries, 2 * config.cacheMaxKeys),
		now,
	});
	const limitRefusals = new LimitRefusals({db, log});
	const limiter = new Limiter({
		redis: limitsRedis,
		names: createRedisNames(config.redis.prefix),
		log,
		now,
		share: () => coherence.share,
		answerMs: config.limitsTimeoutMs,
		readCounts: (counters) => readCounts(db, counters),
		noteRefused: (keyId, name, at) => limitRefusals.note(keyId, name, at),
	});
	const quotaWriter = new QuotaWriter({
		memory: limiter.quotas,
		log,
		write: (rows) => writeCounts(db, rows),
	});
	const agentOf = createAgentReader(config.keyPrefix);
	const tail = new DecisionTail({
		redis,
		names: createRedisNames(config.redis.prefix),
		log,
		server: coherence.id,
		cleaning: {agentOf, scrub: createScrubber(config.keyPrefix)},
	});
	return {
		config,
		log,
		db,
		verificationPool,
		redis,
		clock,
		keys,
		usage,
		memory,
		coherence,
		termsVersion: make.termsVersion,
		verifier: createVerifier({
			format: keys,
			memory,
			lease: coherence,
			usage,
			limiter,
			tail,
			agentOf,
			now,
		}),
		tail,
		agentOf,
		limiter,
		quotaWriter,
		limitRefusals,
		vault,
		signingKeys,
		accessTokens: createAccessTokens({
			keys: signingKeys,
			issuer: config.publicUrl,
			clockSkewSeconds: config.clockSkewSeconds,
			now,
		}),
		issuers: createIssuers({
			providers: config.identityProviders,
			ask: createProviderAsker({names, proxy: config.outboundProxy}),
			log,
			clockSkewSeconds: config.clockSkewSeconds,
			now,
		}),
		cursors: createCursors(instanceSecrets.cursor),
		refreshTokenKey: instanceSecrets['refresh-token'],
		idempotencyKey: instanceSecrets.idempotency,
		noteDenial: createDenialRecorder(db, log),
		noteThrottled: createThrottledLoginRecorder(db, log),
		noteFederatedRefusal: createFederatedRefusalRecorder(db, log),
		async close() {
			signingKeys.stop();
			tail.stop();
			await coherence.stop();
			limiter.stop();
			redis.disconnect();
			limitsRedis.disconnect();
			await Promise.allSettled([verificationPool.destroy(), db.destroy()]);
		},
	};
}
