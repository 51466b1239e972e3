import type {AuditEntry} from '../../contract/audit-trail.ts';
import type {EventType} from '../../contract/events.ts';
import type {Ready} from '../../contract/health.ts';
import type {Invitation} from '../../contract/invitations.ts';
import type {
	CreatedKey,
	CreatedKeyWithExpiry,
	FullKey,
	Key,
	KeyDetail,
	UsageBucket,
} from '../../contract/keys.ts';
import type {Member} from '../../contract/members.ts';
import type {Organisation} from '../../contract/organisations.ts';
import type {Me, Tokens} from '../../contract/people.ts';
import type {RouteName} from '../../contract/routes.ts';
import {allows, type Permission} from '../../contract/permissions.ts';
import type {DeviceLogin} from '../../contract/providers.ts';
import type {ClientSecret, ServiceAccount} from '../../contract/service-accounts.ts';
import type {Session} from '../../contract/sessions.ts';
import type {Source} from '../../contract/sources.ts';
import type {System} from '../../contract/system.ts';
import type {User} from '../../contract/users.ts';
import type {Delivery, DeliveryDetail, Endpoint, TestResult} from '../../contract/webhooks.ts';
import type {Form} from '../components/form/state.ts';
import type {Table} from '../components/table/state.ts';
import type {TextField} from '../components/text-field/state.ts';
import type {Failure} from '../failure.ts';
import type {KeyOrder} from '../key-order.ts';
import type {Change} from './change.ts';
import type {Page} from './pages.ts';

/*
 * All that the console knows, in one immutable value. Keys and answers become events, `update`
 * makes the next model and says which effects to run; nothing else changes anything.
 */

/** A list from the server, and how fresh it is. Times in ms since the epoch. */
export type Loaded<Item> = {
	readonly items: readonly Item[];
	/** `partial`: the first pages are here. `ready`: all of it was, at `loadedAt`. */
	readonly status: 'none' | 'partial' | 'ready' | 'failed';
	readonly loading: boolean;
	readonly loadedAt?: number;
	/** When to read it again. */
	readonly nextAt: number;
	readonly problem?: string;
	/** Cursor of the page that follows; without one there is none. */
	readonly next?: string;
	/** That page is being read. */
	readonly extending?: boolean;
	/** Rows beyond what the console keeps of a list were left out. */
	readonly cut?: boolean;
	/** What the items were narrowed to, where that has changed since. */
	readonly stale?: boolean;
};

/** A row of a table is known by its id, wherever it moves. */
type Row<Item> = Item & {readonly id: string};

/** What each list of the console holds. */
export type Items = {
	keys: FullKey;
	organisations: Organisation;
	sources: Source;
	members: Row<Member>;
	invitations: Invitation;
	serviceAccounts: ServiceAccount;
	clientSecrets: ClientSecret;
	users: User;
	sessions: Session;
	userSessions: Session;
	audit: Row<AuditEntry>;
	applianceAudit: Row<AuditEntry>;
	system: HealthReport;
	readiness: HealthReport;
	webhooks: Endpoint;
	deliveries: Delivery;
};
export type ListName = keyof Items;
/** How the appliance is: one row; `system` is for operators, everybody may ask for the other. */
export type HealthList = 'system' | 'readiness';
export type HealthReport = Pick<Ready, 'version' | 'dependencies'> & {
	readonly id: HealthList;
	readonly system?: System;
};
/** The trail of the organisation, and that of the appliance itself. */
export type AuditList = 'audit' | 'applianceAudit';

/** What a list is narrowed to by the server. */
export type Query = Readonly<Record<string, string>>;

type Link =
	| {readonly state: 'connecting' | 'online'}
	| {
			readonly state: 'offline';
			readonly since: number;
			readonly attempt: number;
			readonly retryAt: number;
			readonly probing: boolean;
			readonly reason: string;
	  };

export type Tone = 'plain' | 'good' | 'warning' | 'bad';
type Notice = {readonly text: string; readonly tone: Tone; readonly until: number};

export type ConnectScreen = {readonly type: 'connect'};
export type SetUpScreen = {
	readonly type: 'setUp';
	readonly form: Form;
	readonly tokenFound: boolean;
};
export type ChooseLogInScreen = {
	readonly type: 'chooseLogIn';
	readonly providers: readonly string[];
	/** Index of a provider; past the last one: by email and password, or with a code. */
	readonly choice: number;
	readonly busy: boolean;
	readonly reason?: string;
	readonly email?: string;
	readonly problem?: string;
};
export type DeviceScreen = {
	readonly type: 'device';
	readonly provider: string;
	readonly login: DeviceLogin;
	/** Between two questions, ms. */
	readonly interval: number;
	readonly askAt: number;
	readonly asking: boolean;
	/** It came to nothing. */
	readonly problem?: string;
};
export type LogInScreen = {readonly type: 'logIn'; readonly form: Form; readonly reason?: string};
export type Filter = {
	readonly text: TextField;
	readonly open: boolean;
	readonly applied: string;
	readonly problem?: string;
	/** When `applied` was applied, which times such as `1h` in it are counted from. */
	readonly since?: number;
};
export type KeysScreen = {
	readonly type: 'keys';
	readonly table: Table;
	readonly order: KeyOrder;
	readonly filter: Filter;
	/** The rows, filtered and sorted. */
	readonly visible: readonly FullKey[];
	/** Ids of the keys that the next action is for; they are dropped with it. */
	readonly marks: ReadonlySet<string>;
};
/** What became of each of several keys. */
export type RevokeOutcome = {
	readonly key: Key;
	readonly outcome: 'revoked' | 'failed' | 'not tried';
	readonly detail?: string;
};
export type OutcomesScreen = {
	readonly type: 'outcomes';
	readonly outcomes: readonly RevokeOutcome[];
	/** First line shown. */
	readonly offset: number;
};
/** Lists that are a table and nothing else; what is particular to each is in its `ListSpec`. */
export type TableName = Exclude<ListName, 'keys' | HealthList>;
export type TableScreen<List extends TableName = TableName> = List extends TableName
	? {
			readonly type: List;
			readonly table: Table;
			readonly filter: Filter;
			readonly visible: readonly Items[List][];
			/** What the screen is about, such as the deliveries of one endpoint; a filter adds to it. */
			readonly scope?: Query;
			/** What is new comes in as it happens. */
			readonly follow?: boolean;
			/** The newest row when the cursor was last on the first one. */
			readonly seen?: string;
		}
	: never;
/** More about a key than the list has. */
export type KeyUse = {
	readonly detail: KeyDetail;
	readonly hours: readonly UsageBucket[];
	readonly days: readonly UsageBucket[];
};
export type KeyScreen = {
	readonly type: 'key';
	readonly id: string;
	readonly use?: KeyUse;
	/** Why there is no `use`, or none that is fresh. */
	readonly problem?: string;
};
export type HealthScreen = {
	readonly type: 'health';
	/** What it is read from. */
	readonly list: HealthList;
	/** First line shown. */
	readonly offset: number;
};
/** All of one entry of the audit trail; entries never change. */
export type AuditEntryScreen = {
	readonly type: 'auditEntry';
	/** Where it is from. */
	readonly list: AuditList;
	readonly entry: Items['audit'];
	/** First line shown. */
	readonly offset: number;
};
export type RevealScreen = {
	readonly type: 'reveal';
	/** The only place in the program that holds a secret; gone when the screen is. */
	readonly secret: string;
	/** What it is, such as `key ingest-prod`, and what to do with it. */
	readonly what: string;
	readonly advice: string;
	readonly leaving: boolean;
	readonly text: TextField;
	readonly wrong: boolean;
};
/** A question before something that cannot be undone. */
export type ConfirmScreen = {
	readonly type: 'confirm';
	/** Its crumb. */
	readonly title: string;
	readonly question: string;
	/** What it is about and what follows, in the order in which it should be read. */
	readonly facts: readonly (readonly [text: string, tone: Tone | 'dim'])[];
	/** What the button says. */
	readonly verb: string;
	readonly busyText: string;
	readonly act: Effect;
	readonly openedAt: number;
	/** What must be typed; without it a `y` is enough. */
	readonly word?: string;
	/** What asks for the word. */
	readonly ask?: string;
	/** What the word is, where that is not plain. */
	readonly wordIs?: string;
	readonly text: TextField;
	readonly button: 'cancel' | 'confirm';
	readonly busy: boolean;
	readonly problem?: string;
};
/** One of a few, each with what it means and what it does; without `act` it is as it is now. */
export type ChoiceScreen = {
	readonly type: 'choice';
	readonly title: string;
	readonly heading: string;
	readonly options: readonly {
		readonly label: string;
		readonly meaning: string;
		readonly act?: Effect;
	}[];
	readonly choice: number;
	readonly busy: boolean;
	readonly problem?: string;
};
/** A few text fields; what they are for is in the `FormSpec` of that name. */
export type FormScreen = {
	readonly type: 'form';
	readonly name: FormName;
	readonly form: Form;
	/** Id of what is changed, where it is not something new. */
	readonly id?: string;
};
export type FormName =
	| 'createKey'
	| 'createOrganisation'
	| 'createWebhook'
	| 'editWebhook'
	| 'replayMany'
	| 'invite'
	| 'createServiceAccount'
	| 'createClientSecret'
	| 'createUser'
	| 'changePassword'
	| 'createSource'
	| 'updateSource'
	| 'useCode';
/** What a test sent to an endpoint, and what came back. */
export type WebhookTestScreen = {
	readonly type: 'webhookTest';
	readonly endpoint: Endpoint;
	readonly result: TestResult;
	/** First line shown. */
	readonly offset: number;
};
/** One delivery; `detail` is for those who may inspect it, once it is read. */
export type DeliveryScreen = {
	readonly type: 'delivery';
	readonly delivery: Delivery;
	readonly detail?: DeliveryDetail;
	readonly problem?: string;
	readonly loading: boolean;
	readonly nextAt: number;
	readonly offset: number;
};
/** Which events are sent to an endpoint again. */
export type Replay = {
	readonly which: 'dead' | 'missing' | 'all';
	readonly since: string;
	readonly event_type?: EventType;
};
/** `offset` is the first line shown, where not all fit. */
export type SettingsScreen = {readonly type: 'settings'; readonly offset: number};

export type Screen =
	| ConnectScreen
	| SetUpScreen
	| ChooseLogInScreen
	| DeviceScreen
	| LogInScreen
	| KeysScreen
	| KeyScreen
	| OutcomesScreen
	| TableScreen
	| AuditEntryScreen
	| HealthScreen
	| FormScreen
	| SettingsScreen
	| ChoiceScreen
	| ConfirmScreen
	| RevealScreen
	| WebhookTestScreen
	| DeliveryScreen;

/** Something that was settled before the program began, and what settles it otherwise. */
export type Setting = {readonly label: string; readonly value: string; readonly change: string};

type Lists = {readonly [List in ListName]: Loaded<Items[List]>};

export type Model = Lists & {
	/** The instant that relative times are drawn against. */
	readonly now: number;
	readonly size: {readonly columns: number; readonly rows: number};
	readonly url: string;
	/** Nothing may be changed from here, whatever one's role. */
	readonly readOnly: boolean;
	/** How the program was set up, for the settings screen. */
	readonly settings: readonly Setting[];
	/** Known once somebody is logged in. */
	readonly serverVersion?: string;
	readonly link: Link;
	/** Identity providers that one can log in through. */
	readonly providers: readonly string[];
	readonly me?: Me;
	readonly organisation?: Organisation;
	/** Id of the organisation that the profile chose; undefined: the first one of who logs in. */
	readonly home: string | undefined;
	/** What the server was asked to narrow a list to. */
	readonly queries: {readonly [List in ListName]?: Query};
	/** The last one is shown. */
	readonly screens: readonly Screen[];
	/** First line shown of the help that covers the screen, while it does. */
	readonly help?: number;
	/** What is typed after `:`, and which of what it may mean is marked. */
	readonly palette?: {readonly text: TextField; readonly choice: number};
	/** Where one was before the last change of the main screen. */
	readonly before?: readonly Screen[];
	readonly paused: boolean;
	/** The file that is being written. */
	readonly download?: string;
	readonly notice?: Notice;
	/** Ctrl-C was pressed where leaving would lose something. */
	readonly quitAsked: boolean;
	/** Raised with the user or the organisation, so that late answers of the old one are dropped. */
	readonly epoch: number;
};

export type Effect =
	| {do: 'probe'}
	| {do: 'setUp'; token: string | undefined; email: string; password: string}
	| {do: 'logIn'; email: string; password: string}
	| {do: 'acceptInvitation' | 'resetPassword'; code: string; password: string}
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
	| {do: 'createKey'; organisation: string; name: string; expires_at?: string}
	| {do: 'revokeKey'; organisation: string; key: Key}
	| {do: 'revokeKeys'; organisation: string; keys: readonly Key[]}
	| {do: 'change'; change: Change}
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
			/** Lines that are not one of what it holds, and how its last line begins. */
			frame: {lines: number; end: string};
	  }
	| {do: 'copy'; text: string}
	| {do: 'repaint'}
	| {do: 'quit'; status: number};

export type Event =
	| {type: 'key'; key: string}
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
	| {type: 'keyCreated'; key: CreatedKey | CreatedKeyWithExpiry}
	| {type: 'keyRevoked'; key: Key; detail?: string}
	| {type: 'keysRevoking'; done: number}
	| {type: 'keysRevoked'; outcomes: readonly RevokeOutcome[]}
	| {type: 'changed'; change: Change; body: Readonly<Record<string, unknown>>}
	| {type: 'webhookTested'; endpoint: Endpoint; result: TestResult}
	| {type: 'replayCounted'; endpoint: string; replay: Replay; count: number}
	| {type: 'deliveryRead'; detail: DeliveryDetail}
	| {type: 'downloading'; lines: number; of: Extract<Effect, {do: 'download'}>}
	| {type: 'downloaded'; file: string; lines: number; of: Extract<Effect, {do: 'download'}>}
	| {type: 'failed'; effect: Effect; failure: Failure};

export type LoadedAnswer = {
	[List in ListName]: {list: List; items: readonly Items[List][]};
}[ListName];

/** The next model, and what is to be done. */
export type Step = readonly [Model, ...Effect[]];

export const smallest = {columns: 60, rows: 16};
/** From here on a pane beside the table shows all of the row under the cursor. */
const paneFrom = 140;
export const paneWidth = 52;

const nothing = {items: [], status: 'none', loading: false, nextAt: 0} as const;

/** Lists of the one organisation that one works in. */
const ofOrganisation = {
	keys: nothing,
	sources: nothing,
	members: nothing,
	invitations: nothing,
	serviceAccounts: nothing,
	clientSecrets: nothing,
	audit: nothing,
	webhooks: nothing,
	deliveries: nothing,
} as const;

/** Lists that are the same in every organisation. */
const ofUser = {
	organisations: nothing,
	users: nothing,
	sessions: nothing,
	applianceAudit: nothing,
	userSessions: nothing,
	system: nothing,
	readiness: nothing,
} as const;

export function initialModel(
	url: string,
	size: {columns: number; rows: number},
	now: number,
	readOnly = false,
	settings: readonly Setting[] = [],
	home?: string,
): Model {
	return {
		home,
		now,
		readOnly,
		settings,
		size,
		url,
		link: {state: 'connecting'},
		providers: [],
		...ofOrganisation,
		...ofUser,
		queries: {},
		screens: [{type: 'connect'}],
		paused: false,
		quitAsked: false,
		epoch: 0,
	};
}

export function top(model: Model): Screen {
	return model.screens.at(-1) ?? {type: 'connect'};
}

export function setTop(model: Model, screen: Screen): Model {
	return {...model, screens: [...model.screens.slice(0, -1), screen]};
}

export function push(model: Model, screen: Screen): Model {
	return {...model, screens: [...model.screens, screen]};
}

export function pop(model: Model): Model {
	return {...model, screens: model.screens.slice(0, -1)};
}

const noticeStays = 8000;

export function say(model: Model, now: number, text: string, tone: Tone = 'plain'): Model {
	return {...model, notice: {text, tone, until: now + noticeStays}};
}

/** Rows between the header and the status line: what a screen has for itself. */
export function bodyRows(model: Model): number {
	return Math.max(1, model.size.rows - 3);
}

/** Rows of a table that fit: the screen without header, sub-header, titles, status and hints. */
export function tableHeight(model: Model): number {
	return Math.max(1, model.size.rows - 5);
}

export function hasPane(model: Model): boolean {
	return model.size.columns >= paneFrom;
}

/** Whether the one who is logged in may do this, as the server's own table says. */
export function may(model: Model, permission: Permission): boolean {
	if (model.me === undefined) return false;
	if (model.me.operator) return true;
	return model.me.role !== null && allows(permission, model.me.role);
}

/** Asks who one is where one works, or where the profile says. */
export function identify({organisation, home, epoch}: Model): Effect {
	return {do: 'identify', organisation: organisation?.id ?? home, epoch};
}

/** The model with another organisation: what belonged to the old one is gone. */
export function enter(model: Model, organisation: Organisation | undefined): Model {
	const {organisation: _, before: _before, ...rest} = model;
	return {
		...rest,
		...(organisation === undefined ? {} : {organisation}),
		...ofOrganisation,
		queries: {},
		epoch: model.epoch + 1,
	};
}

/** The model with nobody: what belonged to the user is gone. */
export function leave(model: Model): Model {
	const {me: _, ...rest} = enter(model, undefined);
	return {...rest, ...ofUser};
}

/** A list narrowed to something else, to be read anew. */
export function narrow(model: Model, list: ListName, query: Query | undefined): Model {
	const {[list]: _, ...others} = model.queries;
	const queries = query === undefined ? others : {...others, [list]: query};
	return {...model, [list]: nothing, queries};
}

/** A list narrowed to something else, read anew; what it holds stays until the answer is here. */
export function requery(model: Model, list: ListName, query: Query | undefined): Step {
	const {next: _, ...held} = model[list];
	const {queries} = narrow(model, list, query);
	const stale = {...held, loading: false, extending: false, stale: true};
	return load({...model, [list]: stale, queries}, list);
}

/** Whether a change could be sent now. */
export function canChange({readOnly, link}: Model): boolean {
	return !readOnly && link.state !== 'offline';
}

/** Reads a list again, unless that is under way. */
export function load(model: Model, list: ListName): Step {
	if (model[list].loading) return [model];
	const organisation = model.organisation?.id;
	if (organisation === undefined && list in ofOrganisation) return [model];
	const after = followed(model, list);
	return [
		{...model, [list]: {...model[list], loading: true}},
		{
			do: 'load',
			list,
			organisation,
			query: model.queries[list],
			epoch: model.epoch,
			...(after === undefined ? {} : {after}),
		},
	];
}

/** Asks for what the list does not have of a key. */
export function readKey({organisation, epoch}: Model, id: string): Effect[] {
	if (organisation === undefined) return [];
	return [{do: 'readKey', organisation: organisation.id, id, epoch}];
}

/** Reads the page that follows, where there is one and it is not under way. */
export function extend(model: Model, list: ListName): Step {
	const {next, extending, stale} = model[list];
	const isAway = model.link.state === 'offline';
	if (next === undefined || extending === true || stale === true || isAway) return [model];
	return [
		{...model, [list]: {...model[list], extending: true}},
		{
			do: 'load',
			list,
			organisation: model.organisation?.id,
			query: model.queries[list],
			epoch: model.epoch,
			cursor: next,
		},
	];
}

/** The newest row of a list that is followed: only what comes after it has to be read. */
export function followed(model: Model, list: ListName): string | undefined {
	const screen = top(model);
	if (screen.type !== list || !isTable(screen) || screen.follow !== true) return undefined;
	return model[list].stale === true ? undefined : model[list].items[0]?.id;
}

/** The list that a screen shows, if it shows one that is kept fresh. */
export function listOf(screen: Screen): ListName | undefined {
	if (screen.type === 'key') return 'keys';
	if (screen.type === 'health') return screen.list;
	return isList(screen) ? screen.type : undefined;
}

export function isList(screen: Screen): screen is KeysScreen | TableScreen {
	return screen.type in ofOrganisation || screen.type in ofUser;
}

export function isTable(screen: Screen): screen is TableScreen {
	return screen.type !== 'keys' && isList(screen);
}
