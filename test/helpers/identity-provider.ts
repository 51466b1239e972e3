import {createServer, type Server} from 'node:http';
import type {AddressInfo} from 'node:net';
import {Provider, type Configuration, type JWK} from 'oidc-provider';
import type {IssuerKey, Json} from './issuer.ts';

/** A console that opens in the same process takes it away from the others for a moment. */
const {fetch} = globalThis;

export const apiAudience = 'https://keys.example/api';
export const consoleClient = {id: 'latchkey-console', secret: 'a client secret of the tests'};
/** A client that gets access tokens for the API in the name of a person. */
export const otherClient = {id: 'somebody-elses-tool', secret: 'another client secret'};

export type RealProvider = {
	issuer: string;
	/** Claims of a person by name; whoever is not in here has an email made of their name. */
	people: Map<string, Json>;
	/** Shows the pages of a device login to a person, who logs in and agrees, or not. */
	visit: (address: string, person: string, decision?: 'approve' | 'abort') => Promise<void>;
	/** An access token for the API, as another client of the provider gets it. */
	accessToken: (person: string) => Promise<string>;
	stop: () => Promise<void>;
};

/** A real OpenID provider: its own keys, pages, device logins and access tokens for the API. */
export async function startIdentityProvider(options: {
	key: IssuerKey;
	/** Claims are in the ID token, not only at the userinfo endpoint. */
	claimsInIdToken: boolean;
	/** Seconds that a device login lives. */
	deviceSeconds?: number;
}): Promise<RealProvider> {
	const {key, claimsInIdToken, deviceSeconds = 600} = options;
	const people = new Map<string, Json>();
	const claimsOf = (name: string): Json & {sub: string} => ({
		email: `${name}@example.com`,
		email_verified: true,
		...people.get(name),
		sub: name,
	});
	const server = createServer();
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	const {alg} = key;
	const client = ({id, secret}: {id: string; secret: string}) => ({
		client_id: id,
		client_secret: secret,
		grant_types: ['urn:ietf:params:oauth:grant-type:device_code'],
		response_types: [],
		redirect_uris: [],
		id_token_signed_response_alg: alg as 'RS256',
	});
	const configuration: Configuration = {
		jwks: {keys: [{...key.privateKey.export({format: 'jwk'}), kid: key.kid, alg} as JWK]},
		clients: [client(consoleClient), client(otherClient)],
		claims: {
			openid: ['sub', 'groups'],
			email: ['email', 'email_verified'],
		},
		scopes: ['openid', 'email', 'keys'],
		conformIdTokenClaims: !claimsInIdToken,
		enabledJWA: {
			idTokenSigningAlgValues: [alg as 'RS256'],
			userinfoSigningAlgValues: [alg as 'RS256'],
		},
		ttl: {
			DeviceCode: deviceSeconds,
			AccessToken: 600,
			IdToken: 600,
			Grant: 600,
			Session: 600,
			Interaction: 600,
		},
		cookies: {keys: ['keys of the tests']},
		findAccount: (_ctx, id) => ({accountId: id, claims: () => claimsOf(id)}),
		extraTokenClaims: (_ctx, token) =>
			'accountId' in token && typeof token.accountId === 'string'
				? claimsOf(token.accountId)
				: undefined,
		features: {
			deviceFlow: {enabled: true},
			devInteractions: {enabled: true},
			resourceIndicators: {
				enabled: true,
				getResourceServerInfo: () => ({
					scope: 'keys',
					audience: apiAudience,
					accessTokenFormat: 'jwt' as const,
					accessTokenTTL: 600,
					jwt: {sign: {alg: alg as 'RS256'}},
				}),
				useGrantedResource: () => true,
			},
		},
	};
	const provider = new Provider(issuer, configuration);
	const handle = provider.callback();
	server.on('request', (request, response) => void handle(request, response));
	return {
		issuer,
		people,
		visit,
		accessToken: (person) => otherToken(issuer, person),
		stop: () => stop(server),
	};
}

function stop(server: Server): Promise<void> {
	return new Promise((resolve) => {
		server.close(() => resolve());
		server.closeAllConnections();
	});
}

async function otherToken(issuer: string, person: string): Promise<string> {
	const authorization = `Basic ${Buffer.from(
		`${otherClient.id}:${encodeURIComponent(otherClient.secret).replaceAll('%20', '+')}`,
	).toString('base64')}`;
	const post = async (path: string, form: Record<string, string>) => {
		const answer = await fetch(issuer + path, {
			method: 'POST',
			headers: {authorization},
			body: new URLSearchParams(form),
		});
		return (await answer.json()) as Record<string, string>;
	};
	const started = await post('/device/auth', {
		client_id: otherClient.id,
		scope: 'openid keys',
		resource: apiAudience,
	});
	await visit(started['verification_uri_complete'] ?? '', person);
	const granted = await post('/token', {
		grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
		device_code: started['device_code'] ?? '',
	});
	const token = granted['access_token'];
	if (token === undefined) throw new Error(`no token: ${JSON.stringify(granted)}`);
	return token;
}

/** Goes through pages as a browser does, and fills their forms in. */
async function visit(
	address: string,
	person: string,
	decision: 'approve' | 'abort' = 'approve',
): Promise<void> {
	const cookies = new Map<string, string>();
	let page = await open(address, cookies);
	for (let step = 0; step < 8; step++) {
		const form = formOf(page.text);
		if (form === undefined) return;
		const fields = new URLSearchParams(form.fields);
		if (page.text.includes('name="login"')) {
			fields.set('login', person);
			fields.set('password', 'whatever');
		}
		if (fields.has('confirm') && decision === 'abort') {
			fields.delete('confirm');
			fields.set('abort', 'yes');
		}
		page = await open(new URL(form.action, page.url).href, cookies, fields);
		if (decision === 'abort' && fields.has('abort')) return;
	}
	throw new Error(`the pages of the provider lead nowhere: ${page.text.slice(0, 500)}`);
}

type Page = {url: string; text: string};

async function open(
	address: string,
	cookies: Map<string, string>,
	form?: URLSearchParams,
): Promise<Page> {
	const answer = await fetch(address, {
		method: form === undefined ? 'GET' : 'POST',
		body: form ?? null,
		redirect: 'manual',
		headers: {cookie: Array.from(cookies, ([name, value]) => `${name}=${value}`).join('; ')},
	});
	for (const line of answer.headers.getSetCookie()) {
		const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
		if (value === '') cookies.delete(name);
		else cookies.set(name, value);
	}
	const location = answer.headers.get('location');
	if (location !== null) {
		await answer.body?.cancel();
		return open(new URL(location, address).href, cookies);
	}
	return {url: address, text: await answer.text()};
}

/** The form of a page: where it goes, and what it sends by itself. */
function formOf(html: string): {action: string; fields: [string, string][]} | undefined {
	const action = /<form[^>]* action="([^"]+)"/.exec(html)?.[1];
	if (action === undefined || html.includes('Sign-in Success')) return undefined;
	const fields = Array.from(html.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g));
	return {action, fields: fields.map(([, name = '', value = '']) => [name, value])};
}
