import type {KeyObject} from 'node:crypto';
import type {Algorithm} from './algorithms.ts';
import type {ProviderKeySet} from './key-set.ts';
import type {ClaimMaps} from './rights.ts';

/** Where the keys of a provider come from. */
export type KeySource =
	| {kind: 'secret'; secret: KeyObject}
	| {kind: 'static'; set: ProviderKeySet}
	| {kind: 'address'; url: string}
	/** `jwks_uri` of the provider's metadata (OpenID Connect Discovery, 4). */
	| {kind: 'discovery'};

/** The client that console logins are made as (RFC 8628). */
export type DeviceClient = {
	clientId: string;
	clientSecret: string | undefined;
	scopes: readonly string[];
	/** How long a session lasts that such a login opened. */
	sessionSeconds: number;
};

/** An identity provider of the operator, as configured. */
export type IdentityProvider = {
	/** What people choose it by. */
	name: string;
	/** `iss` of its tokens, to the byte. */
	issuer: string;
	/** What `aud` of an access token must hold. */
	audience: string;
	/** Of one family. */
	algorithms: readonly Algorithm[];
	/** `typ` of its access tokens: that of RFC 9068, or the plain one that ID tokens have, too. */
	accessTokenType: 'at+jwt' | 'JWT';
	keys: KeySource;
	/** How long keys are used while the provider is away. */
	maxStaleSeconds: number;
	/** http addresses are taken, too. */
	allowInsecureHttp: boolean;
	/** A verified email makes its bearer the user here who has that email. */
	linkByEmail: boolean;
	claims: ClaimMaps;
	device: DeviceClient | undefined;
};
