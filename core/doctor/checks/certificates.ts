import {X509Certificate} from 'node:crypto';
import {isIP} from 'node:net';
import {connect, TLSSocket} from 'node:tls';
import {mastersOf} from '../../redis/cluster.ts';
import {destroy, openDatabaseSession} from '../../db/session.ts';
import type {HealthCheck, Seen} from '../check.ts';
import type {Thresholds} from '../thresholds.ts';
import {duration} from '../words.ts';

const connectMs = 3000;
const dayMs = 86_400_000;
/** Part of its time that is left of a certificate that should have been renewed. */
const lateRenewal = 0.25;

export const certificatesChecks: readonly HealthCheck[] = [
	{
		id: 'certificates.public_url',
		title: 'The certificate at LATCHKEY_PUBLIC_URL is for its name, and valid for 14 more days',
		onlyAtMachine: true,
		follows: 'Callers refuse to talk to the API.',
		remedy: 'Renew it, or see why it did not renew itself: the log of the proxy in front.',
		async look({settings, thresholds}) {
			const url = settings.publicUrl === undefined ? undefined : new URL(settings.publicUrl);
			if (url?.protocol !== 'https:') return [];
			const port = Number(url.port || 443);
			const host = url.hostname.replace(/^\[|\]$/g, '');
			const found = await certificateAt(host, port);
			if (typeof found === 'string') {
				return [
					{
						level: 'unknown',
						what: `${url.origin} cannot be reached from here (${found}).`,
						follows:
							'Whether callers elsewhere reach it, and how long its certificate is valid, is not known.',
						remedy: 'See whether the proxy in front runs, and whether the name leads to it.',
					},
				];
			}
			const {certificate} = found;
			const seen = seenEnd(`The certificate of ${url.origin}`, certificate, thresholds);
			// Whether its authority is known here says nothing of callers: they may have been given it.
			if (seen.length > 0 || certificate === undefined || isFor(certificate, host)) return seen;
			return [
				{
					level: 'failure',
					what: `The certificate at ${url.origin} is not for ${host}.`,
					remedy: 'Use one that is for this name, or correct LATCHKEY_PUBLIC_URL.',
				},
			];
		},
	},
	{
		id: 'certificates.postgresql',
		title: 'The certificate of PostgreSQL is valid for 14 more days',
		needs: ['postgresql'],
		onlyAtMachine: true,
		follows: 'With verify-full no more connections can be made.',
		remedy: 'Renew it in PostgreSQL (ssl_cert_file), then select pg_reload_conf();',
		async look({settings: {database}, thresholds}) {
			if (database === undefined || database.ssl === false) return [];
			const session = await openDatabaseSession(database, 'doctor', {
				statementTimeoutMs: 1000,
				queryTimeoutMs: 1500,
				idleInTransactionTimeoutMs: 10_000,
			});
			try {
				const {connection} = session as unknown as {connection?: {stream?: unknown}};
				return seenEnd('The certificate of PostgreSQL', peerOf(connection?.stream), thresholds);
			} finally {
				destroy(session);
			}
		},
	},
	{
		id: 'certificates.redis',
		title: 'The certificate of Redis is valid for 14 more days',
		needs: ['redis'],
		follows:
			'With verify-full no more connections can be made: limits, usage and queues come to a halt.',
		remedy: 'Renew it in Redis (tls-cert-file), and have it read again.',
		look({redis, settings, thresholds}) {
			if (settings.redis === undefined || settings.redis.tls === false) return [];
			return mastersOf(redis).flatMap((node) =>
				seenEnd(
					`The certificate of Redis at ${node.options.host}:${node.options.port}`,
					peerOf(node.stream),
					thresholds,
				),
			);
		},
	},
	{
		id: 'certificates.files',
		title: 'Certificates and authorities that are given are valid for 14 more days',
		follows: 'Connections that need it can no longer be made.',
		remedy: 'Renew it and give the new one; programs that read it at their start are restarted.',
		look({settings, thresholds}) {
			return [...settings.certificates].flatMap(([variable, pem]) => {
				const parts = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
				const byEnd = parts
					.map((part) => new X509Certificate(part))
					.toSorted((one, other) => Date.parse(one.validTo) - Date.parse(other.validTo));
				// Of many authorities, as a distribution has, some always end: one that lasts is enough.
				const decides = variable.endsWith('_CA') ? byEnd.at(-1) : byEnd.at(0);
				return seenEnd(`A certificate of ${variable}`, decides, thresholds);
			});
		},
	},
];

type Found = {certificate: X509Certificate | undefined};

/** @returns what is served there, or why nothing is */
function certificateAt(host: string, port: number): Promise<Found | string> {
	const {promise, resolve} = Promise.withResolvers<Found | string>();
	const socket = connect({
		host,
		port,
		...(isIP(host) === 0 ? {servername: host} : {}),
		rejectUnauthorized: false,
	});
	const timer = setTimeout(() => end(`no answer in ${connectMs / 1000} s`), connectMs);
	const end = (found: Found | string) => {
		clearTimeout(timer);
		socket.destroy();
		resolve(found);
	};
	socket.once('secureConnect', () => end({certificate: peerOf(socket)}));
	socket.once('error', (error: NodeJS.ErrnoException) => end(error.code ?? 'no TLS'));
	return promise;
}

function isFor(certificate: X509Certificate, host: string): boolean {
	return (isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host)) !== undefined;
}

function peerOf(stream: unknown): X509Certificate | undefined {
	return stream instanceof TLSSocket ? stream.getPeerX509Certificate() : undefined;
}

function seenEnd(
	whose: string,
	certificate: X509Certificate | undefined,
	{certificateDays}: Thresholds,
): Seen[] {
	if (certificate === undefined) {
		return [{level: 'unknown', what: `${whose} could not be looked at.`}];
	}
	const [begins, ends] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)];
	const left = Math.floor((ends - Date.now()) / dayMs);
	if (ends < Date.now()) {
		return [
			{level: 'failure', what: `${whose} ended ${duration((Date.now() - ends) / 1000)} ago.`},
		];
	}
	if (begins > Date.now()) {
		return [{level: 'failure', what: `${whose} is valid only from ${certificate.validFrom} on.`}];
	}
	// One for a day or a week is renewed when a third of that is left, as Caddy does.
	const isLate = ends - Date.now() < (ends - begins) * lateRenewal;
	if (left >= certificateDays || !isLate) return [];
	return [{level: 'warning', what: `${whose} ends in ${duration((ends - Date.now()) / 1000)}.`}];
}
