import type {CreatedKey, Key} from '../../contract/keys.ts';
import type {Organisation} from '../../contract/organisations.ts';
import type {Me, Tokens} from '../../contract/people.ts';
import {allows, type Permission} from '../../contract/permissions.ts';
import type {DeviceLogin} from '../../contract/providers.ts';
import type {Source} from '../../contract/sources.ts';
import type {Form} from '../components/form/state.ts';
import type {Table} from '../components/table/state.ts';
import type {TextField} from '../components/text-field/state.ts';
import type {Failure} from '../failure.ts';
import type {KeyOrder} from '../key-order.ts';

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
};

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
	/** Index of a provider; past the last one: by email and password. */
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
export type KeysScreen = {
	readonly type: 'keys';
	readonly table: Table;
	readonly order: KeyOrder;
	readonly filter: {
		readonly text: TextField;
		readonly open: boolean;
		readonly applied: string;
		readonly problem?: string;
	};
	/** The rows, filtered and sorted. */
	readonly visible: readonly Key[];
};
export type KeyScreen = {readonly type: 'key'; readonly id: string};
export type CreateKeyScreen = {readonly type: 'createKey'; readonly form: Form};
export type RevealScreen = {
	readonly type: 'reveal';
	/** The only place in the program that holds a key; gone when the screen is. */
	readonly key: CreatedKey;
	readonly leaving: boolean;
	readonly text: TextField;
	readonly wrong: boolean;
};
export type RevokeScreen = {
	readonly type: 'revoke';
	readonly key: Key;
	readonly openedAt: number;
	/** What must be typed; without it a `y` is enough. */
	readonly word?: string;
	readonly text: TextField;
	readonly button: 'cancel' | 'revoke';
	readonly busy: boolean;
	readonly problem?: string;
};
export type OrganisationsScreen = {readonly type: 'organisations'; readonly table: Table};
export type CreateOrganisationScreen = {readonly type: 'createOrganisation'; readonly form: Form};
export type PlanScreen = {
	readonly type: 'plan';
	readonly organisation: Organisation;
	readonly choice: number;
	readonly busy: boolean;
	readonly problem?: string;
};
export type SourcesScreen = {readonly type: 'sources'; readonly table: Table};

export type Screen =
	| ConnectScreen
	| SetUpScreen
	| ChooseLogInScreen
	| DeviceScreen
	| LogInScreen
	| KeysScreen
	| KeyScreen
	| CreateKeyScreen
	| RevealScreen
	| RevokeScreen
	| OrganisationsScreen
	| CreateOrganisationScreen
	| PlanScreen
	| SourcesScreen;

export type ListName = 'keys' | 'organisations' | 'sources';

export type Model = {
	/** The instant that relative times are drawn against. */
	readonly now: number;
	readonly size: {readonly columns: number; readonly rows: number};
	readonly url: string;
	/** Nothing may be changed from here, whatever one's role. */
	readonly readOnly: boolean;
	readonly link: Link;
	/** Identity providers that one can log in through. */
	readonly providers: readonly string[];
	readonly me?: Me;
	readonly organisation?: Organisation;
	readonly keys: Loaded<Key>;
	readonly organisations: Loaded<Organisation>;
	readonly sources: Loaded<Source>;
	/** The last one is shown. */
	readonly screens: readonly Screen[];
	/** First line shown of the help that covers the screen, while it does. */
	readonly help?: number;
	readonly paused: boolean;
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
	| {do: 'startDeviceLogin'; provider: string}
	| {do: 'askDeviceLogin'; code: string}
	| {do: 'begin'; tokens: Tokens}
	| {do: 'logOut'}
	| {do: 'identify'; organisation: string | undefined; epoch: number}
	| {do: 'load'; list: ListName; organisation: string | undefined; epoch: number}
	| {do: 'createKey'; organisation: string; name: string}
	| {do: 'revokeKey'; organisation: string; key: Key}
	| {do: 'createOrganisation'; name: string; plan: string}
	| {do: 'changePlan'; organisation: Organisation; plan: string}
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
	| {type: 'loggedOut'}
	| {type: 'identified'; me: Me; organisations: readonly Organisation[]; epoch: number}
	| {type: 'loaded'; answer: LoadedAnswer; partial: boolean; took: number; epoch: number}
	| {type: 'keyCreated'; key: CreatedKey}
	| {type: 'keyRevoked'; key: Key; detail?: string}
	| {type: 'organisationCreated'; organisation: Organisation}
	| {type: 'planChanged'; organisation: Organisation}
	| {type: 'failed'; effect: Effect; failure: Failure};

export type LoadedAnswer =
	| {list: 'keys'; items: readonly Key[]}
	| {list: 'organisations'; items: readonly Organisation[]}
	| {list: 'sources'; items: readonly Source[]};

/** The next model, and what is to be done. */
export type Step = readonly [Model, ...Effect[]];

export const smallest = {columns: 60, rows: 16};
/** From here on a pane beside the table shows all of the row under the cursor. */
const paneFrom = 140;
export const paneWidth = 52;

const nothing = {items: [], status: 'none', loading: false, nextAt: 0} as const;

export function initialModel(
	url: string,
	size: {columns: number; rows: number},
	now: number,
	readOnly = false,
): Model {
	return {
		now,
		readOnly,
		size,
		url,
		link: {state: 'connecting'},
		providers: [],
		keys: nothing,
		organisations: nothing,
		sources: nothing,
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

/** The model with another user or organisation: what belonged to the old one is gone. */
export function enter(model: Model, organisation: Organisation | undefined): Model {
	const {organisation: _, ...rest} = model;
	return {
		...rest,
		...(organisation === undefined ? {} : {organisation}),
		keys: nothing,
		sources: nothing,
		epoch: model.epoch + 1,
	};
}

/** Whether a change could be sent now. */
export function canChange({readOnly, link}: Model): boolean {
	return !readOnly && link.state !== 'offline';
}

/** Reads a list again, unless that is under way. */
export function load(model: Model, list: ListName): Step {
	if (model[list].loading) return [model];
	const organisation = model.organisation?.id;
	if (organisation === undefined && list !== 'organisations') return [model];
	return [
		{...model, [list]: {...model[list], loading: true}},
		{do: 'load', list, organisation, epoch: model.epoch},
	];
}

/** The list that a screen shows, if it shows one that is kept fresh. */
export function listOf(screen: Screen): ListName | undefined {
	return lists[screen.type];
}

const lists: Partial<Record<Screen['type'], ListName>> = {
	keys: 'keys',
	key: 'keys',
	organisations: 'organisations',
	sources: 'sources',
};
