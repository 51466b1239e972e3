import * as z from 'zod';
import {roleNames} from './key-role-names.ts';
import {description, owner, tagList, yesOrNo} from './labels.ts';
import {metadata, metadataChange, type Metadata} from './metadata.ts';
import {networkList} from './network-list.ts';
import {quota, quotaRequest, rateLimit, rateLimits, type RateLimit} from './rate-limits.ts';
import {scopeList} from './scopes.ts';
import {timestamp, wholeSecond} from './text.ts';

const noTags: string[] = [];
const noLimits: RateLimit[] = [];
const noMetadata: Metadata = {};

/**
 * What an API key can carry beside its name, in the order in which answers show it. Requests,
 * answers, events and pages are made from this table. A term that is new is shown only by answers
 * that were asked for it: `?view=full`, the single key, and the answer to the request that names it.
 */
export const keyTerms = {
	expires_at: {
		kind: 'state',
		request: wholeSecond('expires_at'),
		answer: timestamp.nullable(),
		example: '2030-01-15T10:30:00Z',
		tells: 'The key is accepted until then, and not from that instant on',
		shown: ['full', 'event', 'verification', 'self'],
	},
	not_before: {
		kind: 'state',
		request: wholeSecond('not_before').nullable(),
		answer: timestamp.nullable(),
		example: '2030-01-01T00:00:00Z',
		tells: 'The key is accepted from then on; it may be past, and must be before expires_at',
		shown: ['end', 'event_end'],
	},
	description: {
		kind: 'label',
		request: description('description').nullable(),
		answer: z.string().nullable(),
		example: 'Invoices, in the night',
		tells: 'Text for people, of up to 1000 characters',
		shown: ['end'],
	},
	scopes: {
		kind: 'terms',
		request: scopeList('scopes'),
		answer: z.array(z.string()).nullable(),
		example: ['orders.read', 'invoices.*'],
		tells:
			'The key is accepted only for what its scopes cover; null: for everything, []: for nothing but to prove who it is',
		shown: ['end', 'event_end'],
	},
	roles: {
		kind: 'links',
		request: roleNames('roles'),
		answer: z.array(z.string()),
		example: ['billing'],
		tells:
			'Names of key roles: the key is accepted only for what their scopes and its own cover; []: it has none',
		shown: ['end', 'event_end'],
	},
	ip_allow: {
		kind: 'terms',
		request: networkList('ip_allow'),
		answer: z.array(z.string()).nullable(),
		example: ['10.20.0.0/16', '2001:db8::/32'],
		tells: 'The key is accepted from addresses in these networks only; null: from everywhere',
		shown: ['end', 'event_end'],
	},
	ip_deny: {
		kind: 'terms',
		request: networkList('ip_deny'),
		answer: z.array(z.string()).nullable(),
		example: ['10.20.99.0/24'],
		tells: 'The key is not accepted from addresses in these networks, also where ip_allow has them',
		shown: ['end', 'event_end'],
	},
	rate_limits: {
		kind: 'terms',
		request: rateLimits('rate_limits'),
		answer: z.array(rateLimit),
		none: noLimits,
		example: [{name: 'burst', limit: 100, window_seconds: 60}],
		tells:
			'How often the key is accepted: each limit spreads its uses evenly over its window, and lets `burst` of them come at once; up to 10',
		shown: ['end', 'event_end'],
	},
	quota: {
		kind: 'terms',
		request: quotaRequest('quota'),
		answer: quota.nullable(),
		example: {limit: 50_000, period: 'month', timezone: 'Europe/Berlin'},
		tells:
			'How often the key is accepted in each period of the calendar; a rotation, a restart or a change of the limit gives nothing back',
		shown: ['end', 'event_end'],
	},
	owner: {
		kind: 'label',
		request: owner('owner').nullable(),
		answer: z.strictObject({type: z.string(), id: z.string()}).nullable(),
		example: {type: 'team', id: 'payments'},
		tells: 'Whom the key belongs to, in your own terms; it gives no right',
		shown: ['end', 'event_end'],
	},
	tags: {
		kind: 'label',
		request: tagList('tags').nullable(),
		answer: z.array(z.string()),
		none: noTags,
		example: ['env:prod', 'region=eu'],
		tells: 'Words to find keys by: up to 20, of letters, digits and . _ : / = -',
		shown: ['end', 'event_end'],
	},
	delete_protected: {
		kind: 'label',
		request: yesOrNo('delete_protected').nullable(),
		answer: z.boolean(),
		none: false,
		example: true,
		tells: 'Whether the key cannot be revoked until this is lifted; it can be suspended',
		shown: ['end'],
	},
	metadata: {
		kind: 'label',
		request: metadata('metadata').nullable(),
		change: metadataChange('metadata'),
		answer: z.record(z.string(), z.unknown()),
		none: noMetadata,
		example: {plan: 'gold', region: 'eu'},
		tells:
			'A JSON object of your own: up to 4096 bytes, 5 deep. A change is merged into it; it is in no list',
		shown: ['one'],
	},
} as const satisfies Record<string, TermRow>;

type TermRow = {
	/**
	 * `state` has a column and an index of its own, as keys are found by it; `terms` restricts, and is
	 * kept with others in `api_keys.terms`; `links` refer to rows of another table; a `label` says what a
	 * key is for and decides nothing.
	 */
	kind: 'state' | 'terms' | 'links' | 'label';
	/** As a request gives it; it may always be left out. */
	request: z.ZodType;
	/** As a change gives it that is merged into what there is, and held against `request` then. */
	change?: z.ZodType;
	/** As an answer shows it. */
	answer: z.ZodType;
	/** What an answer shows of a key that carries none; absent: null. */
	none?: unknown;
	/** For pages, as a request writes it. */
	example: unknown;
	tells: string;
	shown: readonly View[];
};

/**
 * Where a term is shown of every key: in the list with `?view=full` and of the single key (`full`),
 * there, but at the end, behind what was published before it (`end`), of the single key alone (`one`),
 * in events, or behind what these had before it (`event_end`), in the answer of `keys/verify` and in
 * that of `keys/self`.
 */
type View = 'full' | 'end' | 'one' | 'event' | 'event_end' | 'verification' | 'self';

type Table = typeof keyTerms;

export type TermName = keyof Table;

export type TermsOfKind<K extends TermRow['kind']> = {
	[N in TermName]: Table[N]['kind'] extends K ? N : never;
}[TermName];

type NamesIn<V extends View> = {
	[N in TermName]: V extends Table[N]['shown'][number] ? N : never;
}[TermName];

type Answers<N extends TermName> = {[Name in N]: Table[Name]['answer']};

/** Terms as they are shown. */
export type ShownTerms<N extends TermName = TermName> = {
	[Name in N]: z.output<Table[Name]['answer']>;
};

/** Terms as a request gave them: those that it named. */
export type RequestedTerms = {[N in TermName]?: z.output<Table[N]['request']> | null | undefined};

/** As they are kept in `api_keys.terms`. */
export type StoredTerms = {
	[N in TermsOfKind<'terms'>]?: NonNullable<ShownTerms[N]>;
};

export const termNames = Object.keys(keyTerms) as TermName[];

/** The terms that a view shows of every key, in their order. */
export function termsIn<V extends View>(view: V): NamesIn<V>[] {
	return termNames.filter((name): name is NamesIn<V> =>
		(keyTerms[name].shown as readonly View[]).includes(view),
	);
}

/** Their members in an answer. */
export function answersIn<V extends View>(view: V): Answers<NamesIn<V>> {
	return pick(termsIn(view), (name) => keyTerms[name].answer) as Answers<NamesIn<V>>;
}

/** The members of a request: each may be left out. */
export const requestedTerms = pick(termNames, (name) => keyTerms[name].request.optional()) as {
	[N in TermName]: z.ZodOptional<Table[N]['request']>;
};

/** The members of a change: null takes a term away. */
export const changedTerms = pick(termNames, (name) => {
	const row: TermRow = keyTerms[name];
	return (row.change ?? row.request).nullable().optional();
}) as {
	[N in TermName]: z.ZodOptional<z.ZodNullable<Table[N]['request']>>;
};

/** The members of an answer that shows what a request named. */
export const answeredTerms = pick(termNames, (name) => keyTerms[name].answer.optional()) as {
	[N in TermName]: z.ZodOptional<Table[N]['answer']>;
};

/** Every term of a key, made from an answer that shows those that were asked for. */
export function allTerms(named: {[N in TermName]?: ShownTerms[N] | undefined}): ShownTerms {
	return pick(termNames, (name) => named[name] ?? noneOf(name)) as ShownTerms;
}

/** What a view shows of a key that carries nothing. */
export function nothingIn<V extends View>(view: V): ShownTerms<NamesIn<V>> {
	return pick(termsIn(view), noneOf) as ShownTerms<NamesIn<V>>;
}

/** What an answer shows of a key that does not carry a term. */
export function noneOf(name: TermName): unknown {
	const row: TermRow = keyTerms[name];
	return row.none ?? (row.kind === 'links' ? [] : null);
}

function pick<N extends TermName, T>(names: readonly N[], make: (name: N) => T): Record<N, T> {
	return Object.fromEntries(names.map((name) => [name, make(name)])) as Record<N, T>;
}
