import type {Appliance} from '../helpers/appliance.ts';
import {check, type Violation} from './checker.ts';
import {Client, type HeldKey} from './client.ts';
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
			return await play({client, near, far, link, organisation});
		} finally {
			await fleet.stop();
		}
	} finally {
		for (const link of links) link.close();
	}
}

type Play = (stage: Stage) => Promise<void>;

/** Ways to have a key refused. */
type Closing = 'revoke' | 'suspend' | 'shutOut' | 'narrow';

/** The other server knows the key and hears late that it is to be refused. */
function lateAnnouncement(closing: Closing): Play {
	return async ({client, near, far, organisation}) => {
		const key = await created(client, near, organisation);
		await client.use(far, key);
		await client[closing](near, key);
		await client.use(far, key);
	};
}

/** The other server is reading the key for the first time meanwhile. */
function readingMeanwhile(closing: Closing): Play {
	return async ({client, near, far, organisation}) => {
		const key = await created(client, near, organisation);
		await Promise.all([client.use(far, key), client[closing](near, key)]);
		await client.use(far, key);
	};
}

/** The other server knows the key as one to be refused, and hears late that it is not any more. */
function lateReopening(closing: Closing, opening: 'resume' | 'letIn' | 'widen'): Play {
	return async ({client, near, far, organisation}) => {
		const key = await created(client, near, organisation);
		await client[closing](near, key);
		await client.use(far, key);
		await client[opening](near, key);
		await client.use(far, key);
	};
}

/** One round of each race that a safeguard is there for. */
export const scenarios = {
	'late announcement': lateAnnouncement('revoke'),
	'late announcement of a suspension': lateAnnouncement('suspend'),
	'late announcement of a patch': lateAnnouncement('shutOut'),
	'late announcement of a scope taken': lateAnnouncement('narrow'),
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

/** Plays a scenario until the checker finds something, or `rounds` are over. */
export async function playUntilCaught(
	stage: Stage,
	scenario: Scenario,
	rounds: number,
): Promise<{violations: Violation[]; rounds: number}> {
	for (let round = 1; ; round++) {
		await scenarios[scenario](stage);
		const {violations} = check(stage.client);
		if (violations.length > 0 || round === rounds) return {violations, rounds: round};
	}
}

async function created(client: Client, member: Member, organisation: string): Promise<HeldKey> {
	const key = await client.create(member, organisation);
	if (key === undefined) throw new Error('no key');
	return key;
}
