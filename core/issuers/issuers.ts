import type {Log} from '../log.ts';
import {ProviderFault, type AskProvider} from './fetch.ts';
import {KeySetFault} from './key-set.ts';
import {publishedBy, type Published} from './metadata.ts';
import type {IdentityProvider} from './provider.ts';
import {
	checkToken,
	claimedIssuer,
	type FindKey,
	type TokenKind,
	type TokenVerdict,
} from './token.ts';

/** A provider, with what it publishes and the check of its tokens. */
export type Issuer = {
	provider: IdentityProvider;
	ask: AskProvider;
	metadata: Published['metadata'];
	check: (token: string, kind: TokenKind) => Promise<TokenVerdict>;
};

export type Issuers = {
	/** The issuer that a token says it is of: nothing else of it is believed yet. */
	ofToken: (token: string) => Issuer | undefined;
	named: (name: string) => Issuer | undefined;
	/** Names of those that people can log in with. */
	forLogin: readonly string[];
};

/** The operator's identity providers. Nothing is asked of them before it is needed. */
export function createIssuers(options: {
	providers: readonly IdentityProvider[];
	ask: AskProvider;
	log: Log;
	clockSkewSeconds: number;
	/** By the clock that all servers share: see Clock. */
	now: () => number;
}): Issuers {
	const {providers, ask, log, clockSkewSeconds, now} = options;
	const issuers = providers.map((provider): Issuer => {
		const published = publishedBy(provider, ask, (what, error) =>
			log.warn(
				{provider: provider.name, reason: reasonOf(error)},
				`the ${what} of an identity provider could not be read`,
			),
		);
		const findKey = createKeyFinder(provider, published);
		return {
			provider,
			ask,
			metadata: published.metadata,
			check: (token, kind) =>
				checkToken(token, kind, {provider, findKey, clockSkewSeconds, now: now()}),
		};
	});
	const byIssuer = new Map(issuers.map((issuer) => [issuer.provider.issuer, issuer]));
	const byName = new Map(issuers.map((issuer) => [issuer.provider.name, issuer]));
	return {
		ofToken(token) {
			if (byIssuer.size === 0) return undefined;
			const issuer = claimedIssuer(token);
			return issuer === undefined ? undefined : byIssuer.get(issuer);
		},
		named: (name) => byName.get(name),
		forLogin: providers.filter(({device}) => device !== undefined).map(({name}) => name),
	};
}

/** Where the key of a signature is found. */
export function createKeyFinder({keys}: IdentityProvider, published: Published): FindKey {
	switch (keys.kind) {
		case 'secret':
			return async () => keys.secret;
		case 'static':
			return async (kid, algorithm) => keys.set.find(kid, algorithm);
		case 'address':
		case 'discovery':
			return async (kid, algorithm) => {
				const set = await published.keys((known) => known.find(kid, algorithm) !== undefined);
				return set === undefined ? 'unavailable' : set.find(kid, algorithm);
			};
	}
}

/** What a provider sent never reaches the log: faults of ours say what was wrong in our words. */
function reasonOf(error: unknown): string {
	if (error instanceof ProviderFault || error instanceof KeySetFault) return error.message;
	return error instanceof Error ? error.name : 'unknown';
}
