import {readFileSync} from 'node:fs';
import {Failure} from '../failure.ts';

/*
 * Certificates of a server, and of the authority that vouches for them. What is loaded is loaded where
 * TLS is spoken only.
 */

const inPem = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/**
 * The certificates of a file, which are then the only ones that a server's may come from.
 *
 * @throws {Failure} usage, when there is none in it that can be read.
 */
export function readAuthorities(file: string): string[] {
	let text: string;
	try {
		text = readFileSync(file, 'latin1');
	} catch (error) {
		throw unusable(
			file,
			whyUnread[(error as NodeJS.ErrnoException).code ?? ''] ?? 'cannot be read',
		);
	}
	const found = text.match(inPem) ?? [];
	if (found.length === 0) {
		const isBinary = text.startsWith('\x30\x82');
		throw unusable(
			file,
			isBinary ? 'is a certificate in DER' : 'holds no certificate in PEM',
			isBinary
				? `Write it in PEM: openssl x509 -inform der -in ${file} -out ca.pem`
				: 'It begins with -----BEGIN CERTIFICATE-----.',
		);
	}
	const {X509Certificate} = process.getBuiltinModule('node:crypto');
	for (const pem of found) {
		try {
			void new X509Certificate(pem);
		} catch {
			throw unusable(file, 'holds a certificate that is damaged');
		}
	}
	return found;
}

const whyUnread: Record<string, string> = {
	ENOENT: 'is not there',
	EACCES: 'may not be read by you',
	EISDIR: 'is a folder',
};

function unusable(file: string, why: string, hint?: string): Failure {
	return new Failure(
		'usage',
		`The certificate authority's file ${file} (--ca, profile or LATCHKEY_CA_FILE) ${why}`,
		{hint},
	);
}

/** What OpenSSL and Node.js say where no authority that we know stands behind a certificate. */
const untrusted = new Set([
	'DEPTH_ZERO_SELF_SIGNED_CERT',
	'SELF_SIGNED_CERT_IN_CHAIN',
	'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
	'UNABLE_TO_GET_ISSUER_CERT',
	'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
	'CERT_SIGNATURE_FAILURE',
	'CERT_UNTRUSTED',
	'INVALID_CA',
]);

type CertificateError = NodeJS.ErrnoException & {cert?: {subjectaltname?: string}; host?: string};

/**
 * Why a certificate was not taken, and what to do; undefined where something else went wrong.
 *
 * @param caFile the authority's file that was gone by
 */
export function certificateTrouble(
	error: CertificateError,
	caFile: string | undefined,
): {reason: string; hint: string} | undefined {
	const {code = ''} = error;
	if (untrusted.has(code)) {
		return caFile === undefined
			? {
					reason: 'its certificate is not trusted',
					hint: 'Give the certificate of its authority with --ca FILE; it is to be had from whoever runs the server.',
				}
			: {
					reason: `its certificate is not trusted: it does not come from the authority in ${caFile}`,
					hint: 'Give that of its authority with --ca FILE, or see whether somebody else answers at that address.',
				};
	}
	switch (code) {
		case 'ERR_TLS_CERT_ALTNAME_INVALID': {
			const names = (error.cert?.subjectaltname ?? '')
				.split(', ')
				.map((name) => name.replace(/^(?:DNS|IP Address):/, ''))
				.filter((name) => name !== '');
			const whose = names.length === 0 ? 'names no host' : `is for ${names.slice(0, 3).join(', ')}`;
			return {
				reason: `its certificate is for another name: it ${whose}`,
				hint: 'Use that name in --url, or have the server given a certificate for this one.',
			};
		}
		case 'CERT_HAS_EXPIRED':
			return {
				reason: 'its certificate has expired',
				hint: 'Have it renewed, or see whether the clock of this machine is right.',
			};
		case 'CERT_NOT_YET_VALID':
			return {
				reason: 'its certificate is not valid yet',
				hint: 'See whether the clocks of both machines are right.',
			};
		default:
			return undefined;
	}
}
