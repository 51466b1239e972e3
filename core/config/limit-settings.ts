import * as parse from './parse.ts';
import {setting} from './setting.ts';

/**
 * What one organisation, or one user, may have of each thing: generous, so that only what would harm
 * the others meets it. Keys have none. A new one is a row here, a member of `Limits` in config.ts and
 * a refusal by `limitReached` (server/http/limits.ts).
 */
export const limitSettings = {
	maxMembers: setting({
		variable: 'LATCHKEY_MAX_MEMBERS',
		description: 'Most members of an organisation.',
		default: '10000',
		programs: ['server'],
		parse: parse.integer(1, 1_000_000),
	}),
	maxInvitations: setting({
		variable: 'LATCHKEY_MAX_INVITATIONS',
		description: 'Most open invitations of an organisation.',
		default: '10000',
		programs: ['server'],
		parse: parse.integer(1, 1_000_000),
	}),
	maxServiceAccounts: setting({
		variable: 'LATCHKEY_MAX_SERVICE_ACCOUNTS',
		description: 'Most service accounts of an organisation.',
		default: '1000',
		programs: ['server'],
		parse: parse.integer(1, 1_000_000),
	}),
	maxKeyRoles: setting({
		variable: 'LATCHKEY_MAX_KEY_ROLES',
		description: 'Most roles for the keys of an organisation.',
		default: '100',
		programs: ['server'],
		parse: parse.integer(1, 100_000),
	}),
	maxSharedLimits: setting({
		variable: 'LATCHKEY_MAX_SHARED_LIMITS',
		description:
			'Most owners of the keys of an organisation that have limits of their own, the organisation itself counted among them.',
		default: '1000',
		programs: ['server'],
		parse: parse.integer(1, 1_000_000),
	}),
	maxSources: setting({
		variable: 'LATCHKEY_MAX_SOURCES',
		description: 'Most sources of an organisation.',
		default: '100000',
		programs: ['server'],
		parse: parse.integer(1, 10_000_000),
	}),
	maxWebhookEndpoints: setting({
		variable: 'LATCHKEY_MAX_WEBHOOK_ENDPOINTS',
		description:
			'Most webhook endpoints of an organisation; each event may be sent to all of them.',
		default: '100',
		programs: ['server'],
		parse: parse.integer(1, 10_000),
	}),
} as const;
