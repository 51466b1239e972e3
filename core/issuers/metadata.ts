import {processDiscoveryResponse, type AuthorizationServer} from 'oauth4webapi';
import {fetchJson, ProviderFault, type AskProvider} from './fetch.ts';
import {readKeySet, type ProviderKeySet} from './key-set.ts';
import type {IdentityProvider} from './provider.ts';
import {Remembered} from './remembered.ts';

/** A key that the provider took out of its set is used for no longer than this. */
const keysFreshMs = 300_000;
const metadataFreshMs = 3_600_000;

export type {AuthorizationServer};

/** What a provider publishes about itself. */
export type Published = {
	/** Its metadata (OpenID Connect Discovery, 4); undefined while it cannot be had. */
	metadata: () => Promise<AuthorizationServer | undefined>;
	/** Its keys, read anew where they lack what is looked for; undefined while they cannot be had. */
	keys: (isEnough: (set: ProviderKeySet) => boolean) => Promise<ProviderKeySet | undefined>;
};

/**
 * @param onFault hears of each failed reading
 * @param now monotonic, in milliseconds
 */
export function publishedBy(
	provider: IdentityProvider,
	ask: AskProvider,
	onFault: (what: 'metadata' | 'keys', error: unknown) => void,
	now: () => number = () => performance.now(),
): Published {
	const staleMs = provider.maxStaleSeconds * 1000;
	const metadata = new Remembered({
		read: () => readMetadata(provider, ask),
		freshMs: metadataFreshMs,
		staleMs,
		onFault: (error) => onFault('metadata', error),
		now,
	});
	const keys = new Remembered({
		read: async () => readKeySet(await fetchJson(ask, await addressOfKeys())),
		freshMs: keysFreshMs,
		staleMs,
		onFault: (error) => onFault('keys', error),
		now,
	});

	async function addressOfKeys(): Promise<string> {
		if (provider.keys.kind === 'address') return provider.keys.url;
		const {jwks_uri: url} = (await metadata.get()) ?? {};
		if (url === undefined) throw new ProviderFault('its metadata name no jwks_uri');
		requireSafeAddress(provider, url);
		return url;
	}

	return {metadata: () => metadata.get(), keys: (isEnough) => keys.get(isEnough)};
}

async function readMetadata(
	provider: IdentityProvider,
	ask: AskProvider,
): Promise<AuthorizationServer> {
	const issuer = new URL(provider.issuer);
	const address = new URL(issuer);
	address.pathname = `${issuer.pathname.replace(/\/$/, '')}/.well-known/openid-configuration`;
	const answer = await ask(address.href, {headers: {accept: 'application/json'}});
	let found: AuthorizationServer;
	try {
		found = await processDiscoveryResponse(issuer, answer);
	} catch {
		throw new ProviderFault('no metadata of this issuer');
	}
	// The library compares addresses as URLs; tokens are compared to the byte.
	if (found.issuer !== provider.issuer) throw new ProviderFault('metadata of another issuer');
	return found;
}

/** @throws {ProviderFault} for an address that a provider names of itself and that is not safe */
export function requireSafeAddress({allowInsecureHttp}: IdentityProvider, address: string): void {
	if (!isSafeAddress(address, allowInsecureHttp)) throw new ProviderFault('an unsafe address');
}

/** An absolute https address without user and password; http only where that is allowed. */
export function isSafeAddress(address: string, allowInsecureHttp: boolean): boolean {
	const url = URL.parse(address);
	if (url === null || url.username !== '' || url.password !== '') return false;
	return url.protocol === 'https:' || (allowInsecureHttp && url.protocol === 'http:');
}
