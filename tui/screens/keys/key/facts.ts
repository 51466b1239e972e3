import type {FullKey} from '../../../../contract/keys.ts';
import type {KeyUse} from '../../../app/effect.ts';
import {factsOf} from '../../../components/facts.ts';
import type {Part} from '../../../components/line.tsx';
import {inUse} from '../../../api-keys/in-use.ts';
import {makersOf} from '../../../api-keys/makers.ts';
import {isOver} from '../../../api-keys/state.ts';
import type {KeyPart} from '../../../api-keys/parts.ts';
import {partFacts} from '../../../api-keys/terms.ts';
import {clean} from '../../../text/clean.ts';
import {ago, moment} from '../../../text/time.ts';
import {keyStatusText} from './status.ts';

/**
 * All that is known of a key, as label and value lines no wider than `columns`: whether it works and
 * until when, who uses it and what it may do come first, as the last lines may be out of sight.
 */
export function keyFacts(
	key: FullKey,
	now: number,
	columns: number,
	{
		use,
		rotation = [],
		limits = [],
		byPlan = false,
	}: {
		use?: KeyUse | undefined;
		rotation?: Part[][];
		limits?: Part[][];
		/** Whether the plan has every key refused. */
		byPlan?: boolean;
	} = {},
): Part[][] {
	const {name, id, hint, created_at, last_used_at} = key;
	const when = (timestamp: string) => `${moment(timestamp)}, ${ago(timestamp, now)}`;
	const address = use?.detail.last_used_address ?? undefined;
	const agent = use?.detail.last_used_agent ?? undefined;
	const from =
		(address === undefined ? '' : `, from ${clean(address)}`) +
		(agent === undefined ? '' : `, by ${clean(agent)}`);
	const {lines, add} = factsOf(columns);
	add('Name', clean(name), 'strong');
	add('Status', ...keyStatusText(key, now, {byPlan, detail: use?.detail}));
	lines.push(...rotation);
	const carrying = use === undefined ? key : {...key, metadata: use.detail.metadata};
	const addPart = (part: KeyPart) => {
		for (const [label, text, isFree] of partFacts(carrying, now, part)) {
			add(label, text, isFree ? 'dim' : 'plain');
		}
	};
	addPart('time');
	add('Last used', last_used_at === null ? 'never' : when(last_used_at) + from);
	const {first_used_at: first} = key;
	if (first !== null) add('First used', when(first), 'dim');
	// These may be long.
	addPart('rights');
	addPart('addresses');
	addPart('limits');
	lines.push(...limits);
	addPart('basics');
	add('Created', when(created_at) + makersOf(use?.detail ?? key).created);
	add('Id', id);
	add('Hint', hintText(hint));
	if (!isOver(key, now)) {
		const used = inUse(key, now);
		add('In use', used ? 'yes: revoking asks for its name' : 'not in the last 30 days', 'dim');
	}
	return lines;
}

/** The beginning of a key, which tells it from others but not what it is. */
export function hintText(hint: string): string {
	return hint === '' ? '' : `${clean(hint)}…`;
}
