import 'reflect-metadata';
import {webcrypto} from 'node:crypto';
import {isIP} from 'node:net';
import {
	BasicConstraintsExtension,
	KeyUsageFlags,
	KeyUsagesExtension,
	SubjectAlternativeNameExtension,
	X509CertificateGenerator,
} from '@peculiar/x509';

/** In PEM. */
export type Certificate = {cert: string; key: string};

export type Authority = {
	cert: string;
	/** @param host name or address that it is for; @param days it is valid from now, or was before */
	issue: (host: string, days?: number) => Promise<Certificate>;
};

const algorithm = {name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256'};
const dayMs = 86_400_000;

/** A certificate authority that nobody knows. */
export async function createAuthority(): Promise<Authority> {
	const name = 'CN=Authority of a test';
	const keys = await makeKeys();
	const root = await X509CertificateGenerator.createSelfSigned({
		name,
		keys,
		signingAlgorithm: algorithm,
		...validity(1),
		extensions: [
			new BasicConstraintsExtension(true, undefined, true),
			new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true),
		],
	});
	return {
		cert: root.toString('pem'),
		async issue(host, days = 1) {
			const own = await makeKeys();
			const certificate = await X509CertificateGenerator.create({
				subject: `CN=${host}`,
				issuer: name,
				publicKey: own.publicKey,
				signingKey: keys.privateKey,
				signingAlgorithm: algorithm,
				...validity(days),
				extensions: [
					new SubjectAlternativeNameExtension([
						{type: isIP(host) === 0 ? 'dns' : 'ip', value: host},
					]),
				],
			});
			return {cert: certificate.toString('pem'), key: await keyText(own.privateKey)};
		},
	};
}

/** A certificate that only vouches for itself. */
export async function selfSigned(host: string): Promise<Certificate> {
	const keys = await makeKeys();
	const certificate = await X509CertificateGenerator.createSelfSigned({
		name: `CN=${host}`,
		keys,
		signingAlgorithm: algorithm,
		...validity(1),
		extensions: [
			new SubjectAlternativeNameExtension([{type: isIP(host) === 0 ? 'dns' : 'ip', value: host}]),
		],
	});
	return {cert: certificate.toString('pem'), key: await keyText(keys.privateKey)};
}

function validity(days: number) {
	const now = Date.now();
	const [notBefore, notAfter] = days > 0 ? [-1, days] : [days - 1, days];
	return {notBefore: new Date(now + notBefore * dayMs), notAfter: new Date(now + notAfter * dayMs)};
}

function makeKeys() {
	return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

async function keyText(key: webcrypto.CryptoKey): Promise<string> {
	const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key)).toString('base64');
	return `-----BEGIN PRIVATE KEY-----\n${der.replaceAll(/.{64}/g, '$&\n')}\n-----END PRIVATE KEY-----\n`;
}
