import {existsSync} from 'node:fs';
import {
	isWithin,
	localNetworks,
	namedNetworks,
	parseAddress,
	writeNetwork,
} from '../../../contract/network.ts';
import {createProviderAsker} from '../../issuers/fetch.ts';
import {Names} from '../../outbound/names.ts';
import type {HealthCheck, Seen} from '../check.ts';
import {enumerated} from '../words.ts';

/** Networks of proxies that are wider are hardly all of proxies: bits that are the same, by family. */
const narrowest = {4: 16, 6: 48} as const;
/** Wider ones than this hold a good part of all addresses. */
const widest = 4;

export const networkChecks: readonly HealthCheck[] = [
	{
		id: 'network.public_url',
		title: 'Callers elsewhere reach the API by HTTPS',
		follows: 'Passwords, tokens and API keys can be read on the way.',
		remedy: 'Put TLS in front (docs/proxies.md), and set LATCHKEY_PUBLIC_URL to its https address.',
		look({settings}) {
			const url = settings.publicUrl === undefined ? undefined : new URL(settings.publicUrl);
			if (url === undefined || url.protocol === 'https:') return [];
			if (!isLoopback(url.hostname)) {
				return [{level: 'warning', what: `LATCHKEY_PUBLIC_URL is plain HTTP: ${url.origin}.`}];
			}
			const {listenHost, isListenHostKnown, trustedProxies} = settings;
			// What a container listens on is published by somebody else, who may say where.
			if (!isListenHostKnown && isInContainer()) return [];
			if (trustedProxies.length > 0 || (isListenHostKnown && isLoopback(listenHost ?? '')))
				return [];
			const where = isListenHostKnown ? listenHost : 'every address of this machine';
			return [
				{
					level: 'warning',
					what: `The API is open on ${where} by plain HTTP, and no proxy is named.`,
					remedy:
						'Listen on 127.0.0.1 (LATCHKEY_LISTEN_HOST; in the bundle LATCHKEY_BIND), or put TLS in front and name it in LATCHKEY_TRUSTED_PROXIES: docs/proxies.md.',
				},
			];
		},
	},
	{
		id: 'network.trusted_proxies',
		title: 'Trusted proxies are few addresses',
		follows:
			'Callers from there choose the address they claim to have: neither log-in limits nor the networks of keys stop them.',
		remedy: 'Name in LATCHKEY_TRUSTED_PROXIES the addresses of the proxies alone: docs/proxies.md.',
		look({settings}) {
			const wide = settings.trustedProxies.filter(
				({family, first, last, length}) =>
					length < narrowest[family] &&
					!(
						isWithin({family, bits: first}, localNetworks) &&
						isWithin({family, bits: last}, localNetworks)
					),
			);
			if (wide.length === 0) return [];
			return [
				{
					level: wide.some(({length}) => length < widest) ? 'failure' : 'warning',
					what: `Wide networks are trusted as proxies: ${enumerated(wide.map(writeNetwork))}.`,
				},
			];
		},
	},
	{
		id: 'network.identity_providers',
		title: 'Identity providers answer',
		onlyOnline: true,
		follows:
			'Logging in through them fails; tokens that they issued are judged by keys that were fetched before.',
		remedy:
			'See whether the address is right and can be reached from here: docs/identity-providers.md.',
		async look({settings}) {
			const ask = createProviderAsker({names: new Names(), proxy: settings.outboundProxy});
			const seen = await Promise.all(
				settings.identityProviders.map(async ({name, issuer, keys}): Promise<Seen[]> => {
					if (keys.kind !== 'address' && keys.kind !== 'discovery') return [];
					const address =
						keys.kind === 'address'
							? keys.url
							: `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
					const tell = (why: string): Seen[] => [
						{
							level: 'warning',
							what: `The identity provider ${name} does not answer as it should: ${why}.`,
						},
					];
					try {
						const {status} = await ask(address);
						return status === 200 ? [] : tell(`status ${status}`);
					} catch (error) {
						return tell(error instanceof Error ? error.message : 'no answer');
					}
				}),
			);
			return seen.flat();
		},
	},
];

function isLoopback(host: string): boolean {
	const address = parseAddress(host.replace(/^\[|\]$/g, ''));
	if (address !== undefined) return isWithin(address, namedNetworks.loopback);
	return host === 'localhost' || host.endsWith('.localhost');
}

function isInContainer(): boolean {
	return (
		existsSync('/.dockerenv') ||
		existsSync('/run/.containerenv') ||
		process.env['KUBERNETES_SERVICE_HOST'] !== undefined
	);
}
