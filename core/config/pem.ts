import {createPrivateKey, X509Certificate} from 'node:crypto';
import {RefusedValue} from './parse.ts';

/**
 * One or more certificates in PEM, such as those of authorities, each as a text of its own. What
 * stands between them, as in the files of distributions, is left out.
 */
export function certificates(text: string): readonly string[] {
	const found = certificateTexts(text);
	const parsed = found.map(parseCertificate);
	if (parsed.every(hasExpired)) throw expired(parsed.at(0));
	return found;
}

/** A client's certificate in PEM with those that lead to its authority, if any, as one text. */
export function clientCertificate(text: string): string {
	const found = certificateTexts(text);
	const [own] = found.map(parseCertificate);
	if (own !== undefined && hasExpired(own)) throw expired(own);
	return found.join('\n');
}

/** A private key in PEM that needs no passphrase. */
export function privateKey(text: string): string {
	if (!text.includes('PRIVATE KEY-----')) {
		throw new RefusedValue(`a private key in PEM, not ${whatIs(text)}`);
	}
	if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|Proc-Type: 4,ENCRYPTED/.test(text)) {
		throw new RefusedValue(
			'a private key without a passphrase; take it off with openssl pkey -in … -out …',
		);
	}
	try {
		createPrivateKey(text);
	} catch {
		throw new RefusedValue('a private key in PEM; this one is damaged or of an unknown kind');
	}
	return text;
}

/** Whether a private key is that of the first certificate of a text. Both have been parsed. */
export function isKeyOf(key: string, certificate: string): boolean {
	return new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key));
}

function certificateTexts(text: string): string[] {
	const found = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g);
	if (found === null) throw new RefusedValue(`certificates in PEM, not ${whatIs(text)}`);
	return found;
}

function parseCertificate(text: string, index: number): X509Certificate {
	try {
		return new X509Certificate(text);
	} catch {
		throw new RefusedValue(`certificates in PEM; number ${index + 1} is damaged`);
	}
}

function hasExpired(certificate: X509Certificate): boolean {
	return certificate.validToDate.getTime() < Date.now();
}

function expired(certificate: X509Certificate | undefined): RefusedValue {
	const end = certificate?.validToDate.toISOString().slice(0, 10);
	return new RefusedValue(`a certificate that has not expired; this one was valid until ${end}`);
}

/** What a wrong file holds, by what it says itself. */
function whatIs(text: string): string {
	const [, label] = /-----BEGIN ([A-Z0-9 ]{1,40})-----/.exec(text) ?? [];
	if (label === undefined) return 'a text without “-----BEGIN …-----”';
	if (label.endsWith('PRIVATE KEY')) return 'a private key';
	return `a ${label.toLowerCase()}`;
}
