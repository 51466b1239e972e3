import * as parse from './parse.ts';
import {certificates} from './pem.ts';
import {setting} from './setting.ts';

/**
 * Seconds between attempts: the example of Standard Webhooks 1.0.0, ten attempts over 75 h 35 m.
 * It outlives a weekend.
 */
const defaultRetrySeconds = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400] as const;

/** What leaves the appliance, and where it may go. */
export const outboundSettings = {
	outboundProxy: setting({
		variable: 'LATCHKEY_OUTBOUND_PROXY',
		description:
			'HTTP proxy through which webhooks and identity providers on the public internet are reached, by CONNECT: http:// or https://, user:password@ if it asks for them. Other networks are reached without it (docs/webhooks.md). HTTP_PROXY and the like are not read.',
		secret: true,
		programs: ['server', 'worker'],
		parse: parse.proxy,
	}),
	webhookAllowedNetworks: setting({
		variable: 'LATCHKEY_WEBHOOK_ALLOWED_NETWORKS',
		description:
			'Networks besides the public internet that webhooks may be sent to, even without TLS: CIDRs, or loopback, private, comma-separated. A network that contains this appliance must be named exactly as narrowly as it is. Link-local and metadata addresses, PostgreSQL and Redis stay closed.',
		programs: ['server', 'worker'],
		parse: parse.networks,
	}),
	webhookAllowedPorts: setting({
		variable: 'LATCHKEY_WEBHOOK_ALLOWED_PORTS',
		description: 'Ports below 1024 that webhooks may be sent to, besides 80 and 443.',
		programs: ['server', 'worker'],
		parse: parse.integers(1, 1023),
	}),
	webhookCa: setting({
		variable: 'LATCHKEY_WEBHOOK_CA',
		description:
			'Certificate authorities of webhook receivers, in PEM, besides the well-known ones; usually given as LATCHKEY_WEBHOOK_CA_FILE.',
		programs: ['server', 'worker'],
		parse: certificates,
	}),
	webhookKeepPrivateAnswers: setting({
		variable: 'LATCHKEY_WEBHOOK_KEEP_PRIVATE_ANSWERS',
		description:
			'1: keep and show what receivers in LATCHKEY_WEBHOOK_ALLOWED_NETWORKS answer, as for public ones. Whoever may create webhooks can then read from services in those networks.',
		default: '0',
		programs: ['server', 'worker'],
		parse: parse.flag,
	}),
	webhookRetrySeconds: setting({
		variable: 'LATCHKEY_WEBHOOK_RETRY_SECONDS',
		description:
			'Seconds between the attempts of a delivery, comma-separated; each is made up to a fifth longer or shorter. Ten attempts over 75 hours by default.',
		default: defaultRetrySeconds.join(','),
		programs: ['worker'],
		parse: parse.integers(1, 604_800),
	}),
	webhookRetentionDays: setting({
		variable: 'LATCHKEY_WEBHOOK_RETENTION_DAYS',
		description: 'How long events, deliveries and their attempts are kept, in days.',
		default: '30',
		programs: ['worker'],
		parse: parse.integer(4, 3650),
	}),
} as const;
