import {lookup} from 'node:dns/promises';
import {isIP} from 'node:net';
import type {DatabaseConfig, HostPort, RedisConfig, WebhookConfig} from '../../config/config.ts';
import {Names} from '../../outbound/names.ts';
import type {Proxy} from '../../outbound/proxy.ts';
import type {SendOptions} from './send.ts';
import {ownInterfaces, type Service} from './targets.ts';

/** Names of the databases may come to mean other addresses: they are looked up again this often. */
const lookUpEveryMs = 30_000;
/** Where a Redis that is reached by a unix socket listens, if it does at all. */
const redisHere = {host: '127.0.0.1', port: 6379};

export type Sending = {options: SendOptions; stop: () => void};

/**
 * What every attempt goes by, from the configuration and from where this program runs.
 *
 * @param redisNodes where Redis is besides the addresses that were configured, as far as is known now
 * @param now the time by the clock that all programs share
 * @returns with what ends looking up the addresses of PostgreSQL and Redis
 */
export async function openSending(
	config: {
		webhooks: WebhookConfig;
		outboundProxy: Proxy | undefined;
		database: DatabaseConfig;
		directDatabase: DatabaseConfig;
		redis: RedisConfig;
	},
	redisNodes: () => readonly HostPort[],
	now: () => number,
	signal?: AbortSignal,
): Promise<Sending> {
	const {webhooks, outboundProxy, database, directDatabase, redis} = config;
	const configured = [database, directDatabase, ...configuredNodes(redis)];
	const found = new Map<string, Service[]>();

	let interfaces = ownInterfaces();

	async function lookUp(): Promise<void> {
		// A container may be put into another network while it runs.
		interfaces = ownInterfaces();
		for (const {host, port} of [...configured, ...redisNodes().filter(isNamed)]) {
			// Who is reached by the folder of a unix socket may listen on a port of this machine, too.
			const addresses = host.startsWith('/') ? ['127.0.0.1'] : await addressesOf(host);
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
			interfaces: () => interfaces,
			// A node that has just joined, or that leads only now, is told apart at once.
			services: () => [
				...[...found.values()].flat(),
				...redisNodes().filter(isAddress).map(toService),
			],
		},
		names: new Names(),
		proxy: outboundProxy,
		ca: webhooks.ca,
		keepsPrivateAnswers: webhooks.keepsPrivateAnswers,
		now,
		...(signal === undefined ? {} : {signal}),
	};
	return {options, stop: () => clearInterval(timer)};
}

const isAddress = ({host}: HostPort) => isIP(host) !== 0;
const isNamed = (node: HostPort) => !isAddress(node);
const toService = ({host, port}: HostPort): Service => ({address: host, port});

function configuredNodes({address}: RedisConfig): readonly HostPort[] {
	if ('path' in address) return [redisHere];
	if ('sentinels' in address) return address.sentinels;
	return 'cluster' in address ? address.cluster : [address];
}

async function addressesOf(host: string): Promise<string[]> {
	if (isIP(host) !== 0) return [host];
	try {
		return (await lookup(host, {all: true})).map(({address}) => address);
	} catch {
		return [];
	}
}
