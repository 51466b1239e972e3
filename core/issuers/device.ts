import {
	allowInsecureRequests,
	ClientSecretBasic,
	ClientSecretPost,
	customFetch,
	deviceAuthorizationRequest,
	deviceCodeGrantRequest,
	None,
	processDeviceAuthorizationResponse,
	processDeviceCodeResponse,
	processUserInfoResponse,
	ResponseBodyError,
	userInfoRequest,
	WWWAuthenticateChallengeError,
	type AuthorizationServer,
	type ClientAuth,
} from 'oauth4webapi';
import {ProviderFault} from './fetch.ts';
import type {Issuer} from './issuers.ts';
import {isSafeAddress, requireSafeAddress} from './metadata.ts';
import type {DeviceClient, IdentityProvider} from './provider.ts';
import {claimAt, type Claims} from './rights.ts';

/** A login that waits for a person to approve it at the provider (RFC 8628, 3.2). */
export type DeviceAuthorization = {
	/** Ours alone: whoever has it gets the tokens. */
	deviceCode: string;
	/** What the person compares, or types. */
	userCode: string;
	verificationUri: string;
	/** The same with the code in it. */
	verificationUriComplete: string | undefined;
	expiresInSeconds: number;
	intervalSeconds: number;
};

const longestSeconds = 1800;
const defaultIntervalSeconds = 5;
const longestIntervalSeconds = 60;

/**
 * Starts a login.
 *
 * @param nonce is in the ID token of providers that know of it
 * @throws {ProviderFault}
 */
export async function authorizeDevice(issuer: Issuer, nonce: string): Promise<DeviceAuthorization> {
	const {provider} = issuer;
	const client = clientOf(provider);
	const server = await serverOf(issuer, 'device_authorization_endpoint');
	const parameters = {scope: client.scopes.join(' '), nonce};
	const found = await understood(async () => {
		const answer = await deviceAuthorizationRequest(
			server,
			{client_id: client.clientId},
			authenticationOf(client, server),
			parameters,
			options(issuer),
		);
		return processDeviceAuthorizationResponse(server, {client_id: client.clientId}, answer);
	});
	const {verification_uri: uri, verification_uri_complete: complete} = found;
	for (const shown of [uri, complete]) {
		if (shown !== undefined && !isShowable(shown, provider)) {
			throw new ProviderFault('an address that cannot be shown');
		}
	}
	if (!/^[\x20-\x7E]{1,64}$/.test(found.user_code)) {
		throw new ProviderFault('a code that cannot be shown');
	}
	return {
		deviceCode: found.device_code,
		userCode: found.user_code,
		verificationUri: uri,
		verificationUriComplete: complete,
		expiresInSeconds: Math.min(Math.floor(found.expires_in), longestSeconds),
		intervalSeconds: Math.min(
			Math.max(Math.ceil(found.interval ?? defaultIntervalSeconds), 1),
			longestIntervalSeconds,
		),
	};
}

export type DeviceGrant =
	| {kind: 'pending' | 'slow down' | 'denied' | 'expired'}
	/** Who approved it. */
	| {kind: 'granted'; claims: Claims};

/**
 * Asks whether a login was approved, and by whom.
 *
 * @throws {ProviderFault} also for tokens that are not good
 */
export async function redeemDeviceCode(
	issuer: Issuer,
	deviceCode: string,
	nonce: string,
): Promise<DeviceGrant> {
	const {provider} = issuer;
	const client = clientOf(provider);
	const server = await serverOf(issuer, 'token_endpoint');
	const found = await understood(async () => {
		const answer = await deviceCodeGrantRequest(
			server,
			{client_id: client.clientId},
			authenticationOf(client, server),
			deviceCode,
			options(issuer),
		);
		try {
			return await processDeviceCodeResponse(server, {client_id: client.clientId}, answer);
		} catch (error) {
			const outcome = error instanceof ResponseBodyError ? outcomes[error.error] : undefined;
			if (outcome === undefined) throw error;
			return outcome;
		}
	});
	if (typeof found === 'string') return {kind: found};
	const claims = await idTokenClaims(issuer, found.id_token, nonce);
	if (lacksNothing(provider, claims)) return {kind: 'granted', claims};
	return {kind: 'granted', claims: await withUserInfo(issuer, server, found.access_token, claims)};
}

/** RFC 8628, 3.5. */
const outcomes: Record<string, Exclude<DeviceGrant['kind'], 'granted'>> = {
	authorization_pending: 'pending',
	slow_down: 'slow down',
	access_denied: 'denied',
	expired_token: 'expired',
	invalid_grant: 'expired',
};

async function idTokenClaims(
	issuer: Issuer,
	token: string | undefined,
	nonce: string,
): Promise<Claims> {
	if (token === undefined) throw new ProviderFault('no ID token');
	const verdict = await issuer.check(token, 'id');
	if (verdict.kind === 'unavailable') throw new ProviderFault('no keys to check its ID token with');
	if (verdict.kind === 'refused') throw new ProviderFault(`a bad ID token (${verdict.reason})`);
	const {claims} = verdict;
	if (claims['nonce'] !== undefined && claims['nonce'] !== nonce) {
		throw new ProviderFault('an ID token of another login');
	}
	return claims;
}

function lacksNothing({claims: maps}: IdentityProvider, claims: Claims): boolean {
	const {organization, role, operator} = maps;
	const wanted = [
		maps.email,
		organization !== undefined && 'claim' in organization ? organization.claim : undefined,
		role?.claim,
		operator?.claim,
	];
	return wanted.every((path) => path === undefined || claimAt(claims, path) !== undefined);
}

/** What the ID token leaves out is at the userinfo endpoint (OpenID Connect Core, 5.4). */
async function withUserInfo(
	issuer: Issuer,
	server: AuthorizationServer,
	accessToken: string,
	claims: Claims,
): Promise<Claims> {
	const {provider} = issuer;
	if (server.userinfo_endpoint === undefined) return claims;
	requireSafeAddress(provider, server.userinfo_endpoint);
	const client = {client_id: clientOf(provider).clientId};
	const more = await understood(async () => {
		const answer = await userInfoRequest(server, client, accessToken, options(issuer));
		return processUserInfoResponse(server, client, String(claims['sub']), answer);
	});
	return {...more, ...claims};
}

function clientOf({device}: IdentityProvider): DeviceClient {
	if (device === undefined) throw new ProviderFault('no client to log in by');
	return device;
}

type Endpoint = 'device_authorization_endpoint' | 'token_endpoint';

/** What is known of the provider, with the algorithms that are configured. */
async function serverOf(issuer: Issuer, endpoint: Endpoint): Promise<AuthorizationServer> {
	const metadata = await issuer.metadata();
	if (metadata === undefined) throw new ProviderFault('no metadata');
	const address = metadata[endpoint];
	if (address === undefined) throw new ProviderFault(`its metadata name no ${endpoint}`);
	requireSafeAddress(issuer.provider, address);
	return {
		...metadata,
		id_token_signing_alg_values_supported: [...issuer.provider.algorithms],
	};
}

/** Basic unless the provider names others only (OpenID Connect Discovery, 3). */
function authenticationOf(
	{clientSecret}: DeviceClient,
	{token_endpoint_auth_methods_supported: methods}: AuthorizationServer,
): ClientAuth {
	if (clientSecret === undefined) return None();
	const isPostOnly =
		methods?.includes('client_secret_post') && !methods.includes('client_secret_basic');
	return isPostOnly ? ClientSecretPost(clientSecret) : ClientSecretBasic(clientSecret);
}

function options({provider, ask}: Issuer) {
	return {[allowInsecureRequests]: provider.allowInsecureHttp, [customFetch]: ask};
}

function isShowable(address: string, {allowInsecureHttp}: IdentityProvider): boolean {
	return /^[\x21-\x7E]{1,2048}$/.test(address) && isSafeAddress(address, allowInsecureHttp);
}

/** Faults of the library hold what the provider sent: only what is known beforehand is kept. */
async function understood<T>(ask: () => Promise<T>): Promise<T> {
	try {
		return await ask();
	} catch (error) {
		if (error instanceof ProviderFault) throw error;
		if (error instanceof ResponseBodyError && knownErrors.has(error.error)) {
			throw new ProviderFault(`it answered ${error.error}`);
		}
		if (error instanceof WWWAuthenticateChallengeError) {
			throw new ProviderFault('it does not accept our client');
		}
		throw new ProviderFault('an answer that is not OAuth');
	}
}

/** RFC 6749, 5.2. */
const knownErrors = new Set([
	'invalid_request',
	'invalid_client',
	'invalid_grant',
	'unauthorized_client',
	'unsupported_grant_type',
	'invalid_scope',
]);
