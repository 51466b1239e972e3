import {lookup} from 'node:dns/promises';
import {isIP} from 'node:net';
import type {DatabaseConfig, RedisConfig, WebhookConfig} from '../config/config.ts';
import type {SendOptions} from './send.ts';
import {ownNetworks, type Service} from './targets.ts';

/** Names of the databases may come to mean other addresses: they are looked up again this often. */
const lookUpEveryMs = 30_000;

export type Sending = {options: SendOptions; stop: () => void};

/**
 * What every attempt goes by, from the configuration and from where this program runs.
 *
 * @returns with what ends looking up the addresses of PostgreSQL and Redis
 */
export async function sendingOptions(
	config: {
		webhooks: WebhookConfig;
		database: DatabaseConfig;
		directDatabase: DatabaseConfig;
		redis: RedisConfig;
	},
	signal?: AbortSignal,
): Promise<Sending> {
	const {webhooks, database, directDatabase, redis} = config;
	const named = [database, directDatabase, ...('path' in redis.address ? [] : [redis.address])];
	const found = new Map<string, Service[]>();

	let own = ownNetworks();

	async function lookUp(): Promise<void> {
		// A container may be put into another network while it runs.
		own = ownNetworks();
		for (const {host, port} of named) {
			// The folder of a unix socket is no address.
			if (host.startsWith('/')) continue;
			const addresses = await addressesOf(host);
			// A name that cannot be resolved just now still means what it meant.
			if (addresses.length > 0) {
				found.set(
					`${host}:${port}`,
					addresses.map((address) => ({address, port})),
				);
			}
		}
	}

	await lookUp();
	const timer = setInterval(() => void lookUp(), lookUpEveryMs).unref();
	const options: SendOptions = {
		policy: {
			allowedNetworks: webhooks.allowedNetworks,
			allowedPorts: webhooks.allowedPorts,
			ownNetworks: () => own,
			services: () => [...found.values()].flat(),
		},
		ca: webhooks.ca,
		keepsPrivateAnswers: webhooks.keepsPrivateAnswers,
		...(signal === undefined ? {} : {signal}),
	};
	return {options, stop: () => clearInterval(timer)};
}

async function addressesOf(host: string): Promise<string[]> {
	if (isIP(host) !== 0) return [host];
	try {
		return (await lookup(host, {all: true})).map(({address}) => address);
	} catch {
		return [];
	}
}
