import {createSecretKey} from 'node:crypto';
import {readFileSync} from 'node:fs';
import * as z from 'zod';
import {roles} from '../../contract/people.ts';
import {findJsonFault} from '../json-text.ts';
import {algorithms, familyOf} from '../issuers/algorithms.ts';
import {KeySetFault, readKeySet} from '../issuers/key-set.ts';
import {isSafeAddress} from '../issuers/metadata.ts';
import type {IdentityProvider, KeySource} from '../issuers/provider.ts';
import {RefusedValue} from './parse.ts';
import {weaknessOf} from './public-secrets.ts';

const day = 86_400;

const claim = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)], {
	error: 'the name of a claim, or a list of names that leads to it through objects',
});
const role = z.enum(roles, {error: `one of ${roles.join(', ')}`});
const organisationId = z.uuid({error: 'the id of an organisation'}).toLowerCase();
const entry = z.strictObject({id: organisationId, role: role.optional()});
const mappedEntry = z.union([organisationId.transform((id) => ({id})), entry], {
	error: 'the id of an organisation, or {"id", "role"}',
});

const claims = z
	.strictObject({
		subject: claim.default('sub'),
		email: claim.default('email'),
		organization: z
			.union([z.strictObject({claim, map: z.record(z.string(), mappedEntry)}), entry], {
				error: '{"claim", "map"} from values to organisations, or {"id"} of the one for everybody',
			})
			.optional(),
		role: z
			.strictObject({
				claim: claim.optional(),
				map: z.record(z.string(), role).optional(),
				default: role.optional(),
			})
			.refine(({claim, map}) => (claim === undefined) === (map === undefined), {
				error: 'claim and map belong together',
			})
			.optional(),
		operator: z.strictObject({claim, values: z.array(z.string().min(1)).min(1)}).optional(),
	})
	.superRefine((given, context) => {
		if (given.role !== undefined && given.organization === undefined) {
			context.addIssue({code: 'custom', path: ['role'], message: 'needs claims.organization'});
		}
		if (given.role !== undefined || given.organization === undefined) return;
		const entries =
			'map' in given.organization ? Object.values(given.organization.map) : [given.organization];
		if (entries.some((each) => !('role' in each) || each.role === undefined)) {
			const message = 'missing; claims.organization has entries without a role';
			context.addIssue({code: 'custom', path: ['role'], message});
		}
	});

const text = z.string().min(1).max(255);

const provider = z.strictObject({
	name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, {
		error: 'up to 40 lower-case letters, digits and hyphens',
	}),
	issuer: text,
	audience: text,
	algorithms: z.array(z.enum(algorithms)).min(1),
	access_token_type: z.enum(['at+jwt', 'JWT']).default('at+jwt'),
	jwks_uri: z.string().optional(),
	jwks: z.unknown().optional(),
	secret_file: z.string().optional(),
	max_stale_seconds: z
		.int()
		.min(0)
		.max(7 * day)
		.default(day),
	allow_insecure_http: z.boolean().default(false),
	link_by_email: z.boolean().default(false),
	claims: claims.prefault({}),
	device: z
		.strictObject({
			client_id: text,
			client_secret_file: z.string().optional(),
			scopes: z.array(z.string().regex(/^[\x21\x23-\x5B\x5D-\x7E]+$/)).default(['openid', 'email']),
			session_seconds: z
				.int()
				.min(600)
				.max(7 * day)
				.default(day / 2),
		})
		.optional(),
});

type Given = z.output<typeof provider>;

/**
 * LATCHKEY_IDENTITY_PROVIDERS: JSON, a list of providers (docs/identity-providers.md). Reads the
 * files of secrets that it names.
 *
 * @throws {Refusal} with every fault, each naming the provider and the member
 */
export function configuredProviders(text: string): readonly IdentityProvider[] {
	const list = parseList(text);
	const faults: string[] = [];
	const providers = list.map((value, index) => {
		const parsed = provider.safeParse(value);
		if (parsed.success) return toProvider(parsed.data, (fault) => faults.push(fault));
		const place = placeOf(value, index);
		faults.push(...parsed.error.issues.map((issue) => `${place}: ${describe(issue)}`));
		return undefined;
	});
	for (const member of ['name', 'issuer'] as const) {
		const values = providers.map((each) => each?.[member]).filter((value) => value !== undefined);
		const twice = values.find((value, index) => values.indexOf(value) < index);
		if (twice !== undefined) faults.push(`${member} ${JSON.stringify(twice)} occurs twice`);
	}
	if (faults.length > 0) throw new RefusedValue('a list of identity providers', faults);
	return providers.filter((each) => each !== undefined);
}

function parseList(text: string): unknown[] {
	const expected = 'a JSON list of identity providers (docs/identity-providers.md)';
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch {
		throw new RefusedValue(expected);
	}
	if (!Array.isArray(value)) throw new RefusedValue(expected);
	if (findJsonFault(text) === 'duplicate') {
		throw new RefusedValue(`${expected}, in which no member is named twice`);
	}
	return value;
}

function placeOf(value: unknown, index: number): string {
	const name: unknown = (value as {name?: unknown} | null)?.name;
	return typeof name === 'string' ? name.slice(0, 40) : `entry ${index + 1}`;
}

function describe(issue: z.core.$ZodIssue): string {
	const member = issue.path.join('.');
	if (issue.code === 'unrecognized_keys') {
		const names = issue.keys.map((key) => [...issue.path, key].join('.'));
		return `${names.join(', ')}: no such member`;
	}
	return member === '' ? issue.message : `${member}: ${issue.message}`;
}

function toProvider(given: Given, report: (fault: string) => void): IdentityProvider {
	const fault = (text: string) => report(`${given.name}: ${text}`);
	const {device, allow_insecure_http: allowInsecureHttp} = given;
	if (!isIssuer(given.issuer, allowInsecureHttp)) {
		fault(`issuer: an https address without query; http with "allow_insecure_http": true`);
	}
	if (given.audience === device?.client_id) {
		fault('audience: must not be device.client_id, or an ID token could pass for an access token');
	}
	const clientSecret =
		device?.client_secret_file === undefined
			? undefined
			: readSecret(device.client_secret_file, 'device.client_secret_file', fault);
	if (device !== undefined && !device.scopes.includes('openid')) {
		fault('device.scopes: must include openid');
	}
	return {
		name: given.name,
		issuer: given.issuer,
		audience: given.audience,
		algorithms: given.algorithms,
		accessTokenType: given.access_token_type,
		keys: keySource(given, fault),
		maxStaleSeconds: given.max_stale_seconds,
		allowInsecureHttp,
		linkByEmail: given.link_by_email,
		claims: given.claims,
		device:
			device === undefined
				? undefined
				: {
						clientId: device.client_id,
						clientSecret: clientSecret?.toString(),
						scopes: device.scopes,
						sessionSeconds: device.session_seconds,
					},
	};
}

function isIssuer(issuer: string, allowInsecureHttp: boolean): boolean {
	return isSafeAddress(issuer, allowInsecureHttp) && !/[?#]/.test(issuer);
}

/** Where keys come from; what does not go together is a fault. */
function keySource(given: Given, fault: (text: string) => void): KeySource {
	const family = familyOf(given.algorithms);
	if (family === undefined) {
		fault('algorithms: of one family only: RS…, PS…, ES…, EdDSA, or HS256 alone');
	}
	const {jwks, jwks_uri: url, secret_file: file} = given;
	const sources = [jwks, url, file].filter((source) => source !== undefined);
	if (sources.length > 1) fault('give one of jwks_uri, jwks and secret_file at most');
	if ((family === 'HS') !== (file !== undefined)) {
		fault('secret_file: belongs to HS256, and to nothing else');
	}
	if (file !== undefined) {
		const secret = readSecret(file, 'secret_file', fault);
		const weakness = secret && weaknessOf(secret);
		if (weakness !== undefined) fault(`secret_file: ${weakness}`);
		return {kind: 'secret', secret: createSecretKey(secret ?? Buffer.from('unusable'))};
	}
	if (jwks !== undefined) {
		try {
			return {kind: 'static', set: readKeySet(jwks)};
		} catch (error) {
			if (!(error instanceof KeySetFault)) throw error;
			fault(`jwks: ${error.message}`);
		}
	}
	if (url === undefined) return {kind: 'discovery'};
	if (!isSafeAddress(url, given.allow_insecure_http)) {
		fault('jwks_uri: an https address; http with "allow_insecure_http": true');
	}
	return {kind: 'address', url};
}

function readSecret(
	path: string,
	member: string,
	fault: (text: string) => void,
): Buffer | undefined {
	try {
		const text = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
		if (text !== '') return Buffer.from(text);
		fault(`${member}: the file ${path} is empty`);
	} catch (error) {
		const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
		fault(`${member}: cannot read ${path} (${code})`);
	}
	return undefined;
}
