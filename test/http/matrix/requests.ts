import {randomInt, randomUUID} from 'node:crypto';
import type {RequestedTerms} from '../../../contract/key-terms.ts';
import {quotaRequest} from '../../../contract/rate-limits.ts';
import type {RouteName} from '../../../contract/routes.ts';
import {alterKey} from '../../../core/keys/alter.ts';
import {rotateKey} from '../../../core/keys/rotation/rotate.ts';
import {insertKey} from '../../../core/keys/store.ts';
import {insertKeyRole} from '../../../core/keys/roles/store.ts';
import {suspending} from '../../../core/keys/suspend.ts';
import {hashKey} from '../../../core/keys/token.ts';
import {LimitRefusals} from '../../../core/limits/refusals.ts';
import {invite} from '../../../core/people/members/invitations.ts';
import {insertMembership} from '../../../core/people/store.ts';
import {createUser} from '../../../core/people/users.ts';
import {clientSecrets, insertClientSecret} from '../../../core/people/machines/secrets.ts';
import {insertServiceAccount} from '../../../core/people/machines/store.ts';
import {replaceSharedLimits} from '../../../core/shared-limits/store.ts';
import {insertSource} from '../../../core/sources/store.ts';
import {createEndpoint} from '../../../core/webhooks/endpoints/endpoints.ts';
import {administrator} from '../../helpers/appliance.ts';
import {password, sessionOf, type World} from './world.ts';

/** What a request holds besides its credential; `organisationId` has what it is about. */
export type Request = {params?: Record<string, string>; body?: Record<string, unknown>};
type Make = (world: World, organisationId: string) => Promise<Request> | Request;

async function keyIn({deps, by}: World, organisationId: string, terms: RequestedTerms = {}) {
	const plain = deps.keys.generate();
	const hash = hashKey(plain);
	const hint = deps.keys.hint(plain);
	const made = {name: 'a target', hash, hint, terms};
	const {id} = await deps.db.transaction((transaction) =>
		insertKey(transaction, by, organisationId, made),
	);
	return {id, plain};
}

async function keyParameter(world: World, organisationId: string): Promise<Request> {
	const {id} = await keyIn(world, organisationId);
	return {params: {key_id: id}};
}

/** A key, as whoever holds it sends it. */
const presentedKeyIn: Make = async (world, organisationId) => {
	const {plain} = await keyIn(world, organisationId);
	return {body: {token: plain}};
};

/** Keys that break what their organisation asks for, which has nobody refused. */
const oldKeysIn: Make = async (world, organisationId) => {
	const {db} = world.deps;
	for (const {id} of [await keyIn(world, organisationId), await keyIn(world, organisationId)]) {
		await db.raw("update api_keys set created_at = now() - interval '2 days' where id = ?", [id]);
	}
	await db('key_policies')
		.insert({organisation_id: organisationId, rotate_every_days: 1})
		.onConflict('organisation_id')
		.merge();
	return {};
};

/** Keys that were refused for a limit just now. */
const limitedKeysIn: Make = async (world, organisationId) => {
	const {db, log} = world.deps;
	const refusals = new LimitRefusals({db, log});
	for (const {id} of [await keyIn(world, organisationId), await keyIn(world, organisationId)]) {
		refusals.note(id, 'burst', Date.now());
	}
	await refusals.drain();
	return {};
};

const rotatedKeyIn: Make = async (world, organisationId) => {
	const {id: keyId} = await keyIn(world, organisationId);
	const {deps, by} = world;
	const plain = deps.keys.generate();
	const secret = {hash: hashKey(plain), hint: deps.keys.hint(plain)};
	const place = {organisationId, keyId};
	await deps.db.transaction((transaction) =>
		rotateKey(transaction, by, place, {request: {}, secret}, deps.clock),
	);
	return {params: {key_id: keyId}};
};

const keyRoleIn: Make = async ({deps, by}, organisationId) => {
	const given = {name: `role-${randomUUID()}`, scopes: []};
	const {keyRoles} = deps.config.limits;
	const made = await insertKeyRole(deps.db, by, organisationId, given, keyRoles);
	if ('kind' in made) throw new Error(made.kind);
	return {params: {role_id: made.id}};
};

const sharedBy =
	(isOwner: boolean): Make =>
	async ({deps, by}, organisationId) => {
		const owner = isOwner ? {type: `t${randomInt(1_000_000_000)}`, id: randomUUID()} : null;
		const wanted = {rate_limits: [], quota: null};
		const most = deps.config.limits.sharedLimits;
		await deps.db.transaction((transaction) =>
			replaceSharedLimits(transaction, by, {organisationId, owner}, wanted, most),
		);
		return owner === null ? {} : {params: {owner_type: owner.type, owner_id: owner.id}};
	};

const aLimit = () => ({name: 'all', limit: randomInt(1, 1_000_000), window_seconds: 60});

const sourceIn: Make = async ({deps, by}, organisationId) => {
	const given = {name: 'a target', type: 'x'};
	const {sources} = deps.config.limits;
	const {id} = await insertSource(deps.db, by, organisationId, given, sources);
	return {params: {id}};
};

const machineIn: Make = async ({deps, by}, organisationId) => {
	const account = {name: 'a target', role: 'viewer'} as const;
	const {serviceAccounts} = deps.config.limits;
	const {id} = await insertServiceAccount(deps.db, by, organisationId, account, serviceAccounts);
	return {params: {id}};
};

async function secretIn({deps, by}: World, organisationId: string, accountId: string) {
	const secret = clientSecrets.generate();
	const given = {secret, expiresAt: null};
	const row = await insertClientSecret(deps.db, by, organisationId, accountId, given);
	if (row === undefined || row === 'too many') throw new Error('no secret');
	return {id: row.id, secret};
}

const webhookIn: Make = async ({deps, by}, organisationId) => {
	// Where no request goes to: it is not sent.
	const endpoint = {url: 'https://127.0.0.1/hook', description: null, eventTypes: null};
	const {row} = await createEndpoint(deps.db, deps.vault, by, organisationId, endpoint, 10_000);
	return {params: {webhook_id: row.id}};
};

/** The event of a key that was made, for an endpoint that was there before. */
const deliveryIn: Make = async (world, organisationId) => {
	const {params = {}} = await webhookIn(world, organisationId);
	await keyIn(world, organisationId);
	const delivery = await world.deps
		.db('webhook_deliveries')
		.where({endpoint_id: params['webhook_id'] ?? ''})
		.first('id');
	if (delivery === undefined) throw new Error('no delivery');
	return {params: {...params, delivery_id: delivery.id}};
};

const memberIn: Make = async (world, organisationId) => {
	const {id: userId} = await userOf(world);
	await insertMembership(world.deps.db, {organisationId, userId, role: 'viewer'});
	return {params: {user_id: userId}};
};

async function invitationIn(world: World, organisationId: string) {
	const {deps, by, home, person} = world;
	const made = await invite(deps.db, by, 'owner', {
		organisationId,
		email: `${randomUUID()}@example.com`,
		role: 'viewer',
		most: deps.config.limits.invitations,
		inviterId: person(organisationId === home ? 'owner' : 'owner of another organisation').userId,
	});
	if (made.kind !== 'invited') throw new Error(made.kind);
	return made;
}

async function userOf({deps, by}: World) {
	const made = await createUser(deps.db, by, {
		email: `${randomUUID()}@example.com`,
		isOperator: false,
	});
	if (made === undefined) throw new Error('no user');
	return {id: made.user.id, code: made.reset.code};
}

const userIn: Make = async (world) => ({params: {user_id: (await userOf(world)).id}});

const personOf = (userId = '', organisationId: string) => ({
	userId,
	email: 'x@example.com',
	organisationId,
});

const userSessionIn: Make = async (world, organisationId) => {
	const {id} = await userOf(world);
	const {sessionId} = await sessionOf(world, personOf(id, organisationId));
	return {params: {user_id: id, session_id: sessionId}};
};

/**
 * How each endpoint is called so that a caller with the right to it acts: what a path names is made
 * anew, the body is one that is taken. Endpoints without either need no entry.
 */
export const requests: {readonly [Name in RouteName]?: Make} = {
	setup: () => ({body: {email: 'another@example.com', password: 'a long enough passphrase'}}),
	login: () => ({body: administrator}),
	createOrganisation: () => ({body: {name: 'new'}}),
	updateOrganisation: () => ({body: {name: `renamed ${randomUUID()}`}}),
	updateKeyPolicy: () => ({body: {max_grace_seconds: randomInt(100_000)}}),
	getKeyPolicyImpact: oldKeysIn,
	getKeyHygiene: oldKeysIn,
	tryKeyPolicy: () => ({body: {max_lifetime_days: 1}}),
	tryAppliancePolicy: () => ({body: {max_lifetime_days: 1}}),
	updateAppliancePolicy: () => ({body: {max_grace_seconds: randomInt(100_000)}}),
	createKey: () => ({body: {name: 'new'}}),
	getKey: keyParameter,
	getKeyLimits: keyParameter,
	changeKeyQuota: async (world, organisationId) => {
		const quota = quotaRequest('quota').parse({limit: 10, period: 'total'});
		const {id} = await keyIn(world, organisationId, {quota});
		return {params: {key_id: id}, body: {set: 5}};
	},
	listLimitedKeys: limitedKeysIn,
	keyUsage: keyParameter,
	exportKeyUsage: keyParameter,
	listKeyClients: keyParameter,
	updateKey: async (world, organisationId) => ({
		...(await keyParameter(world, organisationId)),
		body: {name: 'renamed'},
	}),
	suspendKey: keyParameter,
	resumeKey: async (world, organisationId) => {
		const {params = {}} = await keyParameter(world, organisationId);
		const place = {organisationId, keyId: params['key_id'] ?? ''};
		const {deps, by} = world;
		const judging = suspending(null, deps.clock);
		await deps.db.transaction((transaction) => alterKey(transaction, by, place, judging));
		return {params};
	},
	rotateKey: async (world, organisationId) => ({
		...(await keyParameter(world, organisationId)),
		body: {},
	}),
	finishRotation: rotatedKeyIn,
	cancelRotation: rotatedKeyIn,
	revokeKey: keyParameter,
	createKeyRole: () => ({body: {name: `role-${randomUUID()}`, scopes: []}}),
	getKeyRole: keyRoleIn,
	updateKeyRole: async (world, organisationId) => ({
		...(await keyRoleIn(world, organisationId)),
		body: {scopes: ['orders.read']},
	}),
	deleteKeyRole: keyRoleIn,
	getOrganisationLimits: sharedBy(false),
	setOrganisationLimits: () => ({body: {rate_limits: [aLimit()]}}),
	deleteOrganisationLimits: sharedBy(false),
	getOwnerLimits: sharedBy(true),
	setOwnerLimits: async (world, organisationId) => ({
		...(await sharedBy(true)(world, organisationId)),
		body: {rate_limits: [aLimit()]},
	}),
	deleteOwnerLimits: sharedBy(true),
	verifyKey: async (world, organisationId) => {
		const {plain} = await keyIn(world, organisationId);
		return {body: {key: plain}};
	},
	verifyKeys: async (world, organisationId) => {
		const {plain} = await keyIn(world, organisationId);
		return {body: {keys: [{key: plain}, {key: plain, dry_run: true}]}};
	},
	explainKey: async (world, organisationId) => ({
		...(await keyParameter(world, organisationId)),
		body: {ip: '198.51.100.7', scopes: 'orders.read'},
	}),
	unkeyVerifyKey: async (world, organisationId) => {
		const {plain} = await keyIn(world, organisationId);
		return {body: {key: plain}};
	},
	revokeSelf: () => ({body: {}}),
	createSource: () => ({body: {name: 'new', type: 'x'}}),
	getSource: sourceIn,
	updateSource: async (world, organisationId) => ({
		...(await sourceIn(world, organisationId)),
		body: {name: 'renamed'},
	}),
	deleteSource: sourceIn,
	createWebhook: () => ({body: {url: 'https://example.com/hook'}}),
	getWebhook: webhookIn,
	updateWebhook: async (world, organisationId) => ({
		...(await webhookIn(world, organisationId)),
		body: {description: 'changed'},
	}),
	deleteWebhook: webhookIn,
	rotateWebhookSecret: async (world, organisationId) => ({
		...(await webhookIn(world, organisationId)),
		body: {},
	}),
	revokeWebhookSecrets: webhookIn,
	testWebhook: async (world, organisationId) => ({
		...(await webhookIn(world, organisationId)),
		body: {},
	}),
	getDelivery: deliveryIn,
	replayDelivery: deliveryIn,
	replayDeliveries: async (world, organisationId) => {
		const {params = {}} = await deliveryIn(world, organisationId);
		return {params, body: {which: 'all', since: '2020-01-01T00:00:00Z'}};
	},
	createServiceAccount: () => ({body: {name: 'new', role: 'viewer'}}),
	getServiceAccount: machineIn,
	updateServiceAccount: async (world, organisationId) => ({
		...(await machineIn(world, organisationId)),
		body: {role: 'admin'},
	}),
	deleteServiceAccount: machineIn,
	listClientSecrets: async (world, organisationId) => {
		const {params = {}} = await machineIn(world, organisationId);
		const id = params['id'] ?? '';
		await secretIn(world, organisationId, id);
		await secretIn(world, organisationId, id);
		return {params};
	},
	createClientSecret: async (world, organisationId) => ({
		...(await machineIn(world, organisationId)),
		body: {},
	}),
	revokeClientSecret: async (world, organisationId) => {
		const {params = {}} = await machineIn(world, organisationId);
		const {id} = await secretIn(world, organisationId, params['id'] ?? '');
		return {params: {...params, secret_id: id}};
	},
	token: async (world, organisationId) => {
		const {params = {}} = await machineIn(world, organisationId);
		const id = params['id'] ?? '';
		const {secret} = await secretIn(world, organisationId, id);
		return {body: {grant_type: 'client_credentials', client_id: id, client_secret: secret}};
	},
	introspect: presentedKeyIn,
	revokeToken: presentedKeyIn,
	refresh: async (world) => {
		const {refreshToken} = await sessionOf(world, world.person('viewer'));
		return {body: {refresh_token: refreshToken}};
	},
	changePassword: () => ({body: {current_password: password, new_password: randomUUID()}}),
	resetPassword: async (world) => {
		const {id, code} = await userOf(world);
		return {params: {user_id: id}, body: {code, password: randomUUID()}};
	},
	acceptInvitation: async (world) => {
		const {code} = await invitationIn(world, world.home);
		return {body: {code, password: randomUUID()}};
	},
	createInvitation: () => ({body: {email: `${randomUUID()}@example.com`, role: 'verifier'}}),
	withdrawInvitation: async (world, organisationId) => {
		const {row} = await invitationIn(world, organisationId);
		return {params: {invitation_id: row.id}};
	},
	updateMember: async (world, organisationId) => ({
		...(await memberIn(world, organisationId)),
		body: {role: 'developer'},
	}),
	removeMember: memberIn,
	// No provider is configured here; see test/idp.
	startDeviceLogin: () => ({body: {provider: 'nobody'}}),
	deviceToken: () => ({body: {device_code: 'none'}}),
	// Of the viewer; what is anybody else's is not there.
	endSession: async (world) => {
		const {sessionId} = await sessionOf(world, world.person('viewer'));
		return {params: {session_id: sessionId}};
	},
	createUser: () => ({body: {email: `${randomUUID()}@example.com`}}),
	getUser: userIn,
	updateUser: async (world, organisationId) => ({
		...(await userIn(world, organisationId)),
		body: {operator: true},
	}),
	issuePasswordReset: userIn,
	listUserSessions: async (world, organisationId) => {
		const {params = {}} = await userSessionIn(world, organisationId);
		await sessionOf(world, personOf(params['user_id'], organisationId));
		return {params};
	},
	endUserSession: userSessionIn,
	endUserSessions: userSessionIn,
};

/** After these nothing is left of the session, or key, that called. */
export const spendsSession: ReadonlySet<RouteName> = new Set<RouteName>([
	'logout',
	'revokeSelf',
	'endSessions',
	'changePassword',
]);

/** Changing methods that change nothing, or nothing that is worth an entry in the audit trail. */
export const leavesNoEntry: ReadonlySet<RouteName> = new Set<RouteName>([
	'verifyKey',
	'verifyKeys',
	'explainKey',
	'introspect',
	'unkeyVerifyKey',
	'refresh',
	'tryKeyPolicy',
	'tryAppliancePolicy',
]);
