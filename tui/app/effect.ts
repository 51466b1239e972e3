import type {AuditEntry} from '../../contract/audit-trail.ts';
import type {ThemeName} from '../theme-name.ts';
import type * as z from 'zod';
import type {KeyDecisions} from '../../contract/decisions.ts';
import type {EventType} from '../../contract/events.ts';
import type {KeyLimitsState} from '../../contract/key-limits.ts';
import type {KeyRole} from '../../contract/key-roles.ts';
import type {TermName} from '../../contract/key-terms.ts';
import type {
	FullKey,
	Key,
	KeyDetail,
	FullUsageBucket,
	updateKeyRequest,
} from '../../contract/keys.ts';
import type {KeyPolicy, KeyPolicyState} from '../../contract/key-policies.ts';
import type {Organisation, Reliance} from '../../contract/organisations.ts';
import type {Me, Tokens} from '../../contract/people.ts';
import type {DeviceLogin} from '../../contract/providers.ts';
import type {RouteName} from '../../contract/routes.ts';
import type {KeyClient, UsageSeries} from '../../contract/usage.ts';
import type {KeyExplanation} from '../../contract/verification.ts';
import type {DeliveryDetail, Endpoint, replayable, TestResult} from '../../contract/webhooks.ts';
import type {KeyChange, KeyOutcome} from '../api-keys/change-each.ts';
import type {UseTexts} from '../api-keys/explanation.ts';
import type {Maker} from '../api-keys/left.ts';
import type {PastedKey} from '../api-keys/pasted.ts';
import type {Recognition} from '../api-keys/recognise.ts';
import type {Input} from '../client/request.ts';
import type {Failure} from '../failure.ts';
import type {PolicyPlace} from '../key-policies/calls.ts';
import type {Trial} from '../key-policies/trial.ts';
import type {PolicyList} from '../screens/keys/policy/list.ts';
import type {Query} from '../text/filter-grammar.ts';
import type {UsageRange} from '../usage/ranges.ts';
import type {KeyUsageRead, OverviewRead} from '../usage/reads.ts';
import type {EachOutcome} from '../client/each.ts';
import type {ListName, LoadedAnswer, TableName} from './lists.ts';
import type {Page} from './pages.ts';

/* Effects are what `update` asks for, events are what it is told: each effect ends in an event. */

/** A call that changes something, and what the console does once it has answered. */
export type Change = {
	readonly route: RouteName;
	readonly input: object;
	/** What happened, for the status line. */
	readonly done: string;
	/** `done` goes on with where it is in force, as far as the answer's header tells. */
	readonly tellsWhere?: true;
	/** How it is taken back, said last. */
	readonly undo?: string;
	/** The list that shows it. */
	readonly reload: ListName;
	/** Id of the row that is gone then. */
	readonly gone?: string;
	/** Id of the row that is revoked then. */
	readonly revoked?: string;
	/** The answer is a new row, which also has these members; the cursor goes there. */
	readonly adds?: Readonly<Record<string, unknown>>;
	/** What to say where somebody else was first. */
	readonly missing?: string;
	/** What to read where it was changed meanwhile, so that nothing was changed now. */
	readonly stale?: Effect;
	/** What to say where no answer came, so that nobody knows whether it was done. */
	readonly unknown?: string;
	/** Who leaves by it: the live keys that they made are shown then, where there are any. */
	readonly leaver?: Maker;
	/** Where it changes one's own rights: they are asked for again, or the organisation is left. */
	readonly afterwards?: 'identify' | 'leave';
	/** The member of the answer that is shown once, what it is, and what to do with it. */
	readonly reveal?: {
		readonly member: string;
		readonly what: string;
		readonly advice: string;
	};
};

/** A change as an effect, its input checked against the route. */
export function changeOf<Name extends RouteName>(
	route: Name,
	input: Input<Name>,
	then: Omit<Change, 'route' | 'input'>,
): {do: 'change'; change: Change} {
	return {do: 'change', change: {route, input, ...then}};
}

/** A key, and the tag by which a change is for this version of it and no later one. */
export type KeyAsRead = {readonly key: KeyDetail; readonly tag: string};

/** A change of a key that a form begins with, and the field where it begins. */
export type Proposal = {
	readonly body: z.input<typeof updateKeyRequest>;
	readonly field?: TermName;
};

/** A role of keys, in the same way. */
export type RoleAsRead = {readonly role: KeyRole; readonly tag: string};

/** A key policy, and the tag by which a change is for this version of it and no later one. */
export type PolicyAsRead = {
	readonly list: PolicyList;
	readonly place: PolicyPlace;
	readonly state: KeyPolicyState;
	readonly tag: string;
};

/** A change of one of several rows, and what that is called. */
export type RowChange = {
	readonly id: string;
	readonly name: string;
	readonly route: RouteName;
	readonly input: object;
};

/** What is done to rows, in words: `Withdrawing`, `withdrawn`, `Withdrew 3 invitations`. */
export type RowWords = {
	readonly doing: string;
	readonly done: string;
	readonly did: string;
	readonly nouns: readonly [one: string, many: string];
};

/** As `changeOf`: a change of one of several rows, its input checked against the route. */
export function rowChange<Name extends RouteName>(
	{id, name}: {readonly id: string; readonly name: string},
	route: Name,
	input: Input<Name>,
): RowChange {
	return {id, name, route, input};
}

/** Lists in which several keys can be changed at once. */
export type ListOfKeys = 'keys' | 'keysLeft' | 'keysToMend';

/** More about a key than the list has. */
export type KeyUse = {
	readonly detail: KeyDetail;
	readonly hours: readonly FullUsageBucket[];
	readonly days: readonly FullUsageBucket[];
};
/** Which events are sent to an endpoint again. */
export type Replay = {
	readonly which: (typeof replayable)[number];
	readonly since: string;
	readonly event_type?: EventType;
};
export type Effect =
	| {do: 'probe'}
	| {do: 'setUp'; token: string | undefined; email: string; password: string}
	| {do: 'logIn'; email: string; password: string}
	| {do: 'acceptInvitation'; code: string; password: string}
	| {do: 'resetPassword'; code: string; password: string}
	| {do: 'startDeviceLogin'; provider: string}
	| {do: 'askDeviceLogin'; code: string}
	| {do: 'begin'; tokens: Tokens}
	| {do: 'logOut'; everywhere?: boolean}
	| {do: 'identify'; organisation: string | undefined; epoch: number}
	| {
			do: 'load';
			list: ListName;
			organisation: string | undefined;
			query: Query | undefined;
			epoch: number;
			/** The page that follows, instead of the list from its first row on. */
			cursor?: string;
			/** Only what came after the row with this id. */
			after?: string;
	  }
	| {do: 'readKey'; organisation: string; id: string; epoch: number}
	| {do: 'readKeyLimits'; organisation: string; id: string; epoch: number}
	/** From where a key was used, and what the trail has of it: what of it may be seen. */
	| {
			do: 'readKeyAround';
			organisation: string;
			id: string;
			clients: boolean;
			entries: boolean;
			epoch: number;
	  }
	/** Whose key it is that somebody has; the first of `places` is where one works. */
	| {
			do: 'recogniseKey';
			secret: PastedKey;
			places: readonly {readonly id: string; readonly name: string}[];
			epoch: number;
	  }
	/** Of which keys whoever made them has left. */
	| {do: 'readKeysOfLeavers'; organisation: string; epoch: number}
	/** Keys by a part of their name, id or hint. */
	| {do: 'searchKeys'; organisation: string; q: string; epoch: number}
	| {do: 'readKeyClients'; organisation: string; id: string; epoch: number}
	| {do: 'readKeyUsage'; organisation: string; id: string; range: UsageRange; epoch: number}
	/** The use of keys in a list. */
	| {do: 'readSparks'; organisation: string; ids: readonly string[]; epoch: number}
	| {do: 'readOverview'; organisation: string; range: UsageRange; epoch: number}
	/** What was decided since the last answer, which had `after`. */
	| {do: 'readDecisions'; organisation: string; query: Query; after?: string; epoch: number}
	/** Whether a use of a key would be accepted. */
	| {do: 'explainKey'; organisation: string; id: string; use: UseTexts; epoch: number}
	/** To be changed; what is proposed is filled in. */
	| {do: 'readToChange'; organisation: string; id: string; proposed?: Proposal}
	| {do: 'readRoleToChange'; organisation: string; id: string}
	| {do: 'readPolicyToChange'; list: PolicyList; place: PolicyPlace}
	/** What a change of a key policy would mean, before it is made. */
	| {do: 'tryPolicy'; policy: PolicyAsRead; body: Partial<KeyPolicy>; change: Change}
	| {do: 'readReliance'; organisation: string}
	| {
			do: 'changeKeys';
			what: KeyChange;
			keys: readonly (Key & {readonly org_id: string})[];
			/** The list that shows them. */
			reload: ListOfKeys;
			/** Why they are revoked: `reason` and `note`. */
			query?: Readonly<Record<string, string>>;
			/** Why they are suspended. */
			reason?: string;
	  }
	| {do: 'change'; change: Change}
	/** The same change of several rows of a list. */
	| {do: 'changeRows'; rows: readonly RowChange[]; words: RowWords; reload: TableName}
	| {do: 'testWebhook'; organisation: string; endpoint: Endpoint; eventType: EventType}
	| {do: 'countReplay'; organisation: string; endpoint: string; replay: Replay}
	| {do: 'readDelivery'; organisation: string; id: string}
	| {
			/** Lines of any length from the server, into a new file. */
			do: 'download';
			route: RouteName;
			input: object;
			file: string;
			nouns: readonly [one: string, many: string];
			/** How many lines are not entries, and how the last line begins. */
			frame: {lines: number; end: string};
	  }
	| {do: 'copy'; text: string}
	| {do: 'keepTheme'; theme: ThemeName}
	| {do: 'repaint'}
	| {do: 'suspend'}
	| {do: 'quit'; status: number};

export type Event =
	| {type: 'key'; key: string}
	/** All that came in one read. */
	| {type: 'keys'; keys: readonly string[]}
	| {type: 'paste'; text: string}
	| {type: 'tick'}
	| {type: 'resized'; columns: number; rows: number}
	| {
			type: 'probed';
			setupRequired: boolean;
			session: boolean;
			tokenFound: boolean;
			providers: readonly string[];
	  }
	| {type: 'deviceStarted'; provider: string; login: DeviceLogin}
	| {type: 'deviceApproved'; code: string; tokens: Tokens}
	| {type: 'loggedIn'}
	| {type: 'passwordSet'}
	| {type: 'loggedOut'}
	| {type: 'versionRead'; version: string}
	| {type: 'identified'; me: Me; organisations: readonly Organisation[]; epoch: number}
	| {
			type: 'loaded';
			answer: LoadedAnswer;
			query?: Query | undefined;
			/** Of a list that is read page by page: which part `answer` is. */
			page?: Omit<Page<unknown>, 'items'>;
			partial: boolean;
			took: number;
			epoch: number;
	  }
	| {type: 'keyRead'; id: string; use: KeyUse; epoch: number}
	| {type: 'keyLimitsRead'; id: string; state: KeyLimitsState; epoch: number}
	| {
			type: 'keyAroundRead';
			id: string;
			clients: readonly KeyClient[] | undefined;
			entries: readonly AuditEntry[] | undefined;
			epoch: number;
	  }
	| {type: 'keysOfLeaversRead'; ids: readonly string[]; epoch: number}
	| {type: 'keyClientsRead'; id: string; clients: readonly KeyClient[]; epoch: number}
	| {type: 'keysFound'; q: string; keys: readonly FullKey[]; epoch: number}
	| {type: 'keyRecognised'; secret: PastedKey; told: Recognition; epoch: number}
	/** `took` in ms. */
	| {type: 'keyUsageRead'; id: string; read: KeyUsageRead; took: number; epoch: number}
	| {type: 'sparksRead'; ids: readonly string[]; series: UsageSeries; epoch: number}
	| {type: 'overviewRead'; read: OverviewRead; took: number; epoch: number}
	| {
			type: 'decisionsRead';
			of: Extract<Effect, {do: 'readDecisions'}>;
			told: KeyDecisions;
			epoch: number;
	  }
	| {type: 'keyExplained'; id: string; use: UseTexts; explanation: KeyExplanation; epoch: number}
	| {type: 'readToChange'; read: KeyAsRead; proposed?: Proposal}
	| {type: 'roleReadToChange'; read: RoleAsRead}
	| {type: 'policyReadToChange'; read: PolicyAsRead}
	/** Without `trial` it could not be tried. */
	| {type: 'policyTried'; of: Extract<Effect, {do: 'tryPolicy'}>; trial?: Trial}
	/** Without `reliance` it could not be read. */
	| {type: 'relianceRead'; organisation: string; reliance?: Reliance}
	| {type: 'keysChanging'; done: number}
	| {
			type: 'rowsChanged';
			of: Extract<Effect, {do: 'changeRows'}>;
			outcomes: readonly EachOutcome<RowChange>[];
			/** How many live keys were made by those who left. */
			keysLeft: number;
	  }
	| {
			type: 'keysChanged';
			of: Extract<Effect, {do: 'changeKeys'}>;
			outcomes: readonly KeyOutcome[];
	  }
	| {
			type: 'changed';
			change: Change;
			body: Readonly<Record<string, unknown>>;
			/** Where a revocation is in force: the header `Latchkey-Revocation`. */
			revocation?: string;
			/** How many live keys were made by whoever left: the header `Latchkey-Keys-Left`. */
			keysLeft?: number;
	  }
	| {type: 'webhookTested'; endpoint: Endpoint; result: TestResult}
	| {type: 'replayCounted'; endpoint: string; replay: Replay; count: number}
	| {type: 'deliveryRead'; detail: DeliveryDetail}
	| {type: 'downloading'; lines: number; of: Extract<Effect, {do: 'download'}>}
	| {type: 'downloaded'; file: string; lines: number; of: Extract<Effect, {do: 'download'}>}
	| {type: 'failed'; effect: Effect; failure: Failure};

/** What the server, or the work that was asked for, answers. */
export type Answer = Exclude<
	Event,
	{type: 'key' | 'keys' | 'paste' | 'tick' | 'resized' | 'failed'}
>;

/** Whether a screen waits for what comes of it, rather than going on meanwhile. */
export function isWaitedFor({do: what}: Effect): boolean {
	return ![
		'probe',
		'load',
		'download',
		'readKey',
		'readKeyLimits',
		'readKeyUsage',
		'readOverview',
		'readSparks',
		'readKeyClients',
		'readKeyAround',
		'readKeysOfLeavers',
		'recogniseKey',
		'searchKeys',
		'explainKey',
		'readDecisions',
		'readDelivery',
		'askDeviceLogin',
		'keepTheme',
	].includes(what);
}
