import type {Appliance} from '../helpers/appliance.ts';
import {check, type Violation} from './checker.ts';
import {Client, type HeldKey, type HeldRole, type Rotation} from './client.ts';
import {haveLeases, startFleet, type Member} from './fleet.ts';
import {createLink, type Link} from './link.ts';
import type {Build} from './parts.ts';
import type pg from 'pg';

/** Two servers, each with a slow line for its announcements, and an organisation on Team. */
export type Stage = {
	client: Client;
	/** Where changes are made. */
	near: Member;
	/** Where their effect is looked for. */
	far: Member;
	/** What `far` hears by. */
	link: Link;
	organisation: string;
	role: HeldRole;
};

/** Announcements are late by at most this; an answer to a reading by twice as much. */
const mostDelayMs = 25;

/** Sets the stage with a build of the server, plays, and takes it down again. */
export async function onStage<T>(
	appliance: Appliance,
	admin: pg.ClientConfig,
	build: Build,
	play: (stage: Stage) => Promise<T>,
): Promise<T> {
	const links = await Promise.all([0, 1].map(() => createLink(appliance.database, mostDelayMs)));
	try {
		const fleet = await startFleet(appliance, {
			size: 2,
			build,
			readDelayMs: 2 * mostDelayMs,
			env: (index) => ({LATCHKEY_DATABASE_DIRECT_URL: links[index]?.url ?? ''}),
		});
		try {
			const [near, far] = fleet.members;
			const [, link] = links;
			if (near === undefined || far === undefined || link === undefined)
				throw new Error('no stage');
			await haveLeases(admin, 2);
			const client = new Client();
			await client.logIn(fleet.members);
			const organisation = await client.createOrganisation(near);
			if (organisation === undefined) throw new Error('no organisation');
			const role = await client.createRole(near, organisation);
			if (role === undefined) throw new Error('no role');
			return await play({client, near, far, link, organisation, role});
		} finally {
			await fleet.stop();
		}
	} finally {
		for (const link of links) link.close();
	}
}

type Play = (stage: Stage) => Promise<void>;

/** Ways to have a key refused. */
type Closing = 'revoke' | 'suspend' | 'shutOut' | 'narrow' | 'rotate';

function close(closing: Closing, client: Client, member: Member, key: HeldKey): Promise<unknown> {
	return closing === 'rotate' ? client.rotate(member, key, 0) : client[closing](member, key);
}

/** The other server knows the key and hears late that it is to be refused. */
function lateAnnouncement(closing: Closing): Play {
	return async ({client, near, far, organisation}) => {
		const key = await created(client, near, organisation);
		await client.use(far, key);
		await close(closing, client, near, key);
		await client.use(far, key);
	};
}

/** The other server is reading the key for the first time meanwhile. */
function readingMeanwhile(closing: Closing): Play {
	return async ({client, near, far, organisation}) => {
		const key = await created(client, near, organisation);
		await Promise.all([client.use(far, key), close(closing, client, near, key)]);
		await client.use(far, key);
	};
}

/** The other server knows the key as one to be refused, and hears late that it is not any more. */
function lateReopening(closing: Closing, opening: 'resume' | 'letIn' | 'widen'): Play {
	return async ({client, near, far, organisation}) => {
		const key = await created(client, near, organisation);
		await close(closing, client, near, key);
		await client.use(far, key);
		await client[opening](near, key);
		await client.use(far, key);
	};
}

/** The other server knows a key that a rotation is to end, and hears late how that goes. */
function lateEndOfRotation(end: 'finish' | 'cancel'): Play {
	return async ({client, near, far, organisation}) => {
		const rotation = await rotated(client, near, await created(client, near, organisation));
		const key = end === 'finish' ? rotation.old : rotation.successor;
		await client.use(far, key);
		await client[end](near, rotation);
		await client.use(far, key);
	};
}

/** Somebody asks for the same while that is still announced, and is told that there is nothing to end. */
function secondEndOfRotation(end: 'finish' | 'cancel'): Play {
	return async ({client, near, far, organisation}) => {
		const rotation = await rotated(client, near, await created(client, near, organisation));
		const key = end === 'finish' ? rotation.old : rotation.successor;
		await client.use(far, key);
		await Promise.all(
			[near, near].map(async (member) => {
				await client[end](member, rotation);
				await client.use(far, key);
			}),
		);
	};
}

/** The other server knows the key, and hears late that it may be used for less. */
function lateChangeOfRole(change: 'takeRole' | 'narrowRole'): Play {
	return async ({client, near, far, organisation, role}) => {
		const key = await created(client, near, organisation, role);
		await client.use(far, key);
		if (change === 'takeRole') await client.takeRole(near, key);
		else await client.narrowRole(near, role);
		await client.use(far, key);
		if (change === 'narrowRole') await client.widenRole(near, role);
	};
}

/** One round of each race that a safeguard is there for. */
export const scenarios = {
	'late announcement': lateAnnouncement('revoke'),
	'late announcement of a suspension': lateAnnouncement('suspend'),
	'late announcement of a patch': lateAnnouncement('shutOut'),
	'late announcement of a scope taken': lateAnnouncement('narrow'),
	'late announcement of a rotation': lateAnnouncement('rotate'),
	'late announcement of the end of a grace': lateEndOfRotation('finish'),
	'late announcement of a cancelled rotation': lateEndOfRotation('cancel'),
	'a second end of a grace': secondEndOfRotation('finish'),
	'a second cancellation': secondEndOfRotation('cancel'),
	'late announcement of a role taken': lateChangeOfRole('takeRole'),
	'late announcement of a change of a role': lateChangeOfRole('narrowRole'),
	'late announcement of a resumption': lateReopening('suspend', 'resume'),
	'late announcement of a patch that widens': lateReopening('shutOut', 'letIn'),
	'late announcement of a scope given back': lateReopening('narrow', 'widen'),
	'reading meanwhile': readingMeanwhile('revoke'),
	'reading while it is suspended': readingMeanwhile('suspend'),
	'reading while a scope is taken': readingMeanwhile('narrow'),

	/** The other server knows the key and is cut off from what is announced. */
	async 'cut off'({client, near, far, link, organisation}) {
		const key = await created(client, near, organisation);
		await client.use(far, key);
		link.cut();
		try {
			await client.revoke(near, key);
			await client.use(far, key);
		} finally {
			link.mend();
		}
	},
} satisfies Record<string, Play>;

export type Scenario = keyof typeof scenarios;

/** Plays a scenario until the checker finds something in what it did, or `rounds` are over. */
export async function playUntilCaught(
	stage: Stage,
	scenario: Scenario,
	rounds: number,
): Promise<{violations: Violation[]; rounds: number}> {
	const startedAt = performance.now();
	for (let round = 1; ; round++) {
		await scenarios[scenario](stage);
		const violations = check(stage.client).violations.filter(
			({operation}) => operation.sentAt >= startedAt,
		);
		if (violations.length > 0 || round === rounds) return {violations, rounds: round};
	}
}

async function created(
	client: Client,
	member: Member,
	organisation: string,
	role?: HeldRole,
): Promise<HeldKey> {
	const key = await client.create(member, organisation, role);
	if (key === undefined) throw new Error('no key');
	return key;
}

/** With a grace that does not end here. */
async function rotated(client: Client, member: Member, old: HeldKey): Promise<Rotation> {
	const {successor} = await client.rotate(member, old, 3600);
	if (successor === undefined) throw new Error('no rotation');
	return {old, successor};
}
