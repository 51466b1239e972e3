import {limitSettings} from '../../core/config/limit-settings.ts';
import type {LimitName, LimitReached} from '../../core/organisations/limits.ts';
import {Problem} from './problem.ts';

/** What there is too much of, how room is made, and which setting bounds it. */
const limits: Readonly<Record<LimitName, {plural: string; remedy: string; variable: string}>> = {
	members: {
		plural: 'members',
		remedy: 'remove one first',
		variable: limitSettings.maxMembers.variable,
	},
	invitations: {
		plural: 'open invitations',
		remedy: 'withdraw one first',
		variable: limitSettings.maxInvitations.variable,
	},
	serviceAccounts: {
		plural: 'service accounts',
		remedy: 'delete one first',
		variable: limitSettings.maxServiceAccounts.variable,
	},
	keyRoles: {
		plural: 'key roles',
		remedy: 'delete one first',
		variable: limitSettings.maxKeyRoles.variable,
	},
	sharedLimits: {
		plural: 'shared limits',
		remedy: 'delete those of an owner first',
		variable: limitSettings.maxSharedLimits.variable,
	},
	sources: {
		plural: 'sources',
		remedy: 'delete one first',
		variable: limitSettings.maxSources.variable,
	},
	webhookEndpoints: {
		plural: 'webhook endpoints',
		remedy: 'delete one first',
		variable: limitSettings.maxWebhookEndpoints.variable,
	},
};

/** Names the limit and both ways out: make room, or have it raised. */
export function limitReached({limit, most}: LimitReached): Problem {
	const {plural, remedy, variable} = limits[limit];
	return new Problem('limit_reached', {
		message: `An organization has ${most} ${plural} at most: ${remedy}, or ask the operator to raise ${variable}`,
	});
}
