/*
 * What a key can carry besides its name, a row each. The form that makes keys, `latchkey keys
 * create`, the list of keys and the facts of one are made from these rows. A term of the contract
 * without a row here does not compile.
 */
import type * as z from 'zod';
import {keyTerms, type TermName} from '../../contract/key-terms.ts';
import type {FullKey, KeyDetail} from '../../contract/keys.ts';
import {writeLimit, writeQuota} from '../../contract/limits-in-words.ts';
import type {Part} from '../components/line.tsx';
import {quota} from '../limits/quota.ts';
import {rateLimits} from '../limits/rate-limits.ts';
import {clean} from '../text/clean.ts';
import {moment, until} from '../text/time.ts';
import type {Typed} from '../text/typed.ts';
import type {keyColumns} from './order.ts';
import {beginning} from './beginning.ts';
import {expiry} from './expiry.ts';
import {description, metadata, owner, protection, tags} from './labels.ts';
import {patchBetween} from './metadata-patch.ts';
import {networks} from './networks.ts';
import {type KeyPart, keyParts} from './parts.ts';
import {roles} from './roles.ts';
import {scopes} from './scopes.ts';

/** As a request gives it. */
type Given<Name extends TermName> = NonNullable<
	Output<Name> extends Input<Name> ? Output<Name> : Input<Name>
>;
/** A quota may be refused in so many words, where a key policy would give one. */
type Read<Name extends TermName> = Name extends 'quota' ? Given<Name> | null : Given<Name>;
type Input<Name extends TermName> = z.input<(typeof keyTerms)[Name]['request']>;
type Output<Name extends TermName> = z.output<(typeof keyTerms)[Name]['request']>;

/** A key as the list or as its own answer has it. */
type ShownKey = FullKey & Partial<Pick<KeyDetail, 'metadata'>>;

export type Term<Value = unknown> = Typed<Value> & {
	/** The option of `latchkey keys create`. */
	readonly option: {readonly name: string; readonly value: string; readonly help: string};
	/** What `latchkey keys update` takes to have a key carry none. */
	readonly none: string;
	/** Where the form of a key has it. */
	readonly part: KeyPart;
	/** What a key carries, as text that is read as the same again; empty for a key that carries none. */
	readonly write: (key: KeyDetail) => string;
	/** What has a key carry a value, where that is not the value itself. */
	change?(key: KeyDetail, value: Value): Value;
	/** What it takes, where that is one of a few words; the first is that of a key that carries none. */
	readonly options?: readonly string[];
	/** What a key carries of it, among its facts; undefined for a key that carries none. */
	readonly show: (key: ShownKey, now: number) => string | undefined;
	/** In the list, from so many columns of the terminal on. */
	readonly column?: {
		readonly title: string;
		readonly width: number;
		readonly from: number;
		/** What keys are sorted by, by this column. */
		readonly by: (typeof keyColumns)[number];
		readonly cell: (key: FullKey, now: number) => Part;
	};
};

export const terms: {readonly [Name in TermName]: Term<Read<Name>>} = {
	expires_at: {
		...expiry,
		option: {
			name: 'expires',
			value: 'TIME',
			help: 'when it stops working, such as 90d, 2030-01-15 or 2030-01-15T10:30:00Z',
		},
		none: 'never',
		part: 'time',
		write: ({expires_at}) => expires_at ?? '',
		show: ({expires_at}, now) =>
			expires_at === null ? 'never' : `${moment(expires_at)}, ${until(expires_at, now)}`,
		column: {
			title: 'EXPIRES',
			width: 10,
			from: 80,
			by: 'expires',
			cell: ({expires_at}, now) => [until(expires_at, now), expires_at === null ? 'dim' : 'plain'],
		},
	},
	not_before: {
		...beginning,
		option: {
			name: 'not-before',
			value: 'TIME',
			help: 'when it starts to work, such as 12h, 2030-01-15 or 2030-01-15T10:30:00Z',
		},
		none: 'now',
		part: 'time',
		write: ({not_before}) => not_before ?? '',
		show: ({not_before}, now) =>
			not_before === null ? undefined : `${moment(not_before)}, ${until(not_before, now)}`,
	},
	description: {
		...description,
		option: {name: 'description', value: 'TEXT', help: 'what it is for, in a sentence'},
		none: 'none',
		part: 'basics',
		write: ({description: text}) => text ?? '',
		show: ({description: text}) => (text === null ? undefined : clean(text)),
	},
	owner: {
		...owner,
		option: {name: 'owner', value: 'TYPE/ID', help: 'whom it belongs to, such as team/payments'},
		none: 'none',
		part: 'basics',
		write: ({owner: whose}) => (whose === null ? '' : `${whose.type}/${whose.id}`),
		show: ({owner: whose}) => (whose === null ? undefined : clean(`${whose.type}/${whose.id}`)),
	},
	tags: {
		...tags,
		option: {name: 'tag', value: 'TAGS', help: 'tags to find it by, such as env:prod,region=eu'},
		none: 'none',
		part: 'basics',
		write: ({tags: list}) => written(list),
		show: ({tags: list}) => list.join(', ') || undefined,
	},
	delete_protected: {
		...protection,
		option: {
			name: 'protect',
			value: 'YES|NO',
			help: 'whether it cannot be revoked until that is lifted',
		},
		none: 'no',
		part: 'basics',
		options: ['no', 'yes'],
		write: ({delete_protected}) => (delete_protected ? 'yes' : 'no'),
		show: ({delete_protected}) => (delete_protected ? 'cannot be revoked' : undefined),
	},
	metadata: {
		...metadata,
		option: {
			name: 'metadata',
			value: 'JSON',
			help: 'an object of your own, such as {"plan":"gold"}',
		},
		none: 'none',
		part: 'basics',
		write: ({metadata: members}) =>
			Object.keys(members).length === 0 ? '' : JSON.stringify(members),
		change: ({metadata: before}, after) => patchBetween(before, after),
		show: ({metadata: members = {}}) =>
			Object.keys(members).length === 0 ? undefined : clean(JSON.stringify(members)),
	},
	scopes: {
		...scopes,
		option: {
			name: 'scopes',
			value: 'SCOPES',
			help: 'what it may be used for only, such as orders.read,invoices.*, or none',
		},
		none: 'everything',
		part: 'rights',
		write: ({scopes: list}) => (list?.length === 0 ? 'none' : written(list)),
		show: ({scopes: list}) => (list?.length === 0 ? 'none' : list?.join(', ')),
	},
	roles: {
		...roles,
		option: {name: 'role', value: 'ROLES', help: 'key roles it has, such as billing,support'},
		none: 'none',
		part: 'rights',
		write: ({roles: names}) => written(names),
		show: ({roles: names}) => (names.length === 0 ? undefined : names.join(', ')),
	},
	ip_allow: {
		...networks('Only from', 'everywhere'),
		option: {
			name: 'ip-allow',
			value: 'NETWORKS',
			help: 'networks it may be used from only, such as 10.20.0.0/16,2001:db8::/32',
		},
		none: 'everywhere',
		part: 'addresses',
		write: ({ip_allow}) => written(ip_allow),
		show: ({ip_allow}) => ip_allow?.join(', '),
	},
	ip_deny: {
		...networks('Not from', 'none'),
		option: {
			name: 'ip-deny',
			value: 'NETWORKS',
			help: 'networks it may not be used from, such as 10.20.99.0/24',
		},
		none: 'none',
		part: 'addresses',
		write: ({ip_deny}) => written(ip_deny),
		show: ({ip_deny}) => ip_deny?.join(', '),
	},
	rate_limits: {
		...rateLimits,
		option: {
			name: 'rate-limit',
			value: 'LIMITS',
			help: 'how often it is accepted, such as "requests 100/min, writes 10/s burst 5"',
		},
		none: 'none',
		part: 'limits',
		write: ({rate_limits}) => rate_limits.map(writeLimit).join(', '),
		show: ({rate_limits}) => rate_limits.map(writeLimit).join(', ') || undefined,
	},
	quota: {
		...quota,
		option: {
			name: 'quota',
			value: 'QUOTA',
			help: 'how often it is accepted in each period, such as "50k/month in Europe/Berlin"',
		},
		none: 'none',
		part: 'limits',
		write: ({quota: of}) => (of === null ? '' : writeQuota(of)),
		show: ({quota: of}) => (of === null ? undefined : writeQuota(of)),
	},
};

function written(list: readonly string[] | null): string {
	return list?.join(', ') ?? '';
}

export const everyTerm: readonly Term[] = Object.values(terms);

/** What a key carries of a part, or, where that is nothing, what holds then (`isFree`). */
export function partFacts(
	key: ShownKey,
	now: number,
	name: KeyPart,
): [label: string, text: string, isFree: boolean][] {
	const own = everyTerm.flatMap(({part, label, show}): [string, string, boolean][] => {
		const text = part === name ? show(key, now) : undefined;
		return text === undefined ? [] : [[label, text, false]];
	});
	const {title, without} = keyParts[name];
	return own.length > 0 || name === 'basics' ? own : [[title, without, true]];
}

/** What a key carries, as labels and values. */
export function termFacts(key: ShownKey, now: number): [label: string, text: string][] {
	return everyTerm.flatMap(({label, show}): [string, string][] => {
		const text = show(key, now);
		return text === undefined ? [] : [[label, text]];
	});
}

/** What restricts a key and has no column of its own, by its labels. */
export function termLabels(key: FullKey, now: number): string {
	return Object.entries<Term>(terms)
		.filter(([name]) => keyTerms[name as TermName].kind !== 'label')
		.filter(([, {column, show}]) => column === undefined && show(key, now) !== undefined)
		.map(([, {label}]) => label.toLowerCase())
		.join(', ');
}
