import * as z from 'zod';
import {described} from './described.ts';
import {countedOutcomes} from './outcomes.ts';
import {choice} from './text.ts';

/* What is decided about keys at this moment, for people who look on: some of it, and how much there was. */

/** A watch ends so long after it was last asked for, in seconds. */
export const watchSeconds = 15;
/** Most watches at a time, of the appliance and of one organisation; who asks for the same shares one. */
export const mostWatches = 20;
export const mostWatchesOfOrganisation = 10;
/** Most decisions of one answer. */
export const mostDecisions = 200;
/** Most decisions of one second that one server tells to a watch; of more it chooses by chance. */
export const mostSampled = 50;

/** Which decisions are looked at: those that came to one outcome, or to any but `valid`. */
export const watchedOutcomes = ['refused', ...countedOutcomes] as const;
export type WatchedOutcome = (typeof watchedOutcomes)[number];

const afterExample = '1894703400000-17-1894703412000-0';

const keyForm = 'key_id must be the id of a key';
const afterForm = 'after must be what the last answer had as after';

export const decisionsQuery = z.strictObject({
	/** Only decisions about this key. */
	key_id: z.uuid({error: keyForm}).toLowerCase().optional(),
	/** Only those that came to this outcome, or all that refused a key. */
	outcome: choice('outcome', watchedOutcomes).optional(),
	/** What the last answer had as `after`; absent: from now on. */
	after: z
		.string({error: afterForm})
		.regex(/^\d{1,15}-\d{1,15}-\d{1,15}-\d{1,15}$/, {error: afterForm})
		.register(described, {examples: [afterExample]})
		.optional(),
});

/** One check of a key. */
export const keyDecision = z.strictObject({
	/** To the millisecond. */
	at: z
		.string()
		.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
		.register(described, {format: 'date-time', examples: ['2030-01-15T10:30:00.123Z']}),
	key_id: z.uuid(),
	key_name: z.string(),
	outcome: z.enum(countedOutcomes),
	/** From where the key was used, as it was seen or as the service said; null: nobody said. */
	address: z.string().nullable(),
	user_agent: z.string().nullable(),
	/** `verify`, `introspection` or `forward-auth`; of a request made with the key, its endpoint: `GET /api/v1/sources`. */
	via: z.string().nullable(),
	/** Of the request that a service or a proxy has asked about. */
	method: z.string().nullable(),
	/** What the use was, in the words of the service. */
	tags: z.array(z.string()),
	/** The scopes that the use needed. */
	scopes: z.array(z.string()),
	/** Id of the server that decided, as `Latchkey-Revocation` has it. */
	server: z.string(),
});

export const keyDecisions = z.strictObject({
	/** Oldest first, at most 200. */
	decisions: z.array(keyDecision),
	/** How many decisions there were since `after`, and how many of those are not told. */
	seen: z.int(),
	left_out: z.int(),
	/** For the next question, within 15 seconds: later, what was decided meanwhile is not known. */
	after: z.string().register(described, {examples: [afterExample]}),
});

export type KeyDecision = z.infer<typeof keyDecision>;
export type KeyDecisions = z.infer<typeof keyDecisions>;
