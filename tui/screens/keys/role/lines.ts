import type {KeyRole} from '../../../../contract/key-roles.ts';
import type {FullKey} from '../../../../contract/keys.ts';
import {goBy} from '../../../api-keys/roles.ts';
import {isOver, stateOf} from '../../../api-keys/state.ts';
import {factsOf} from '../../../components/facts.ts';
import type {Part} from '../../../components/line.tsx';
import {clean} from '../../../text/clean.ts';
import {plural} from '../../../text/plural.ts';
import {ago, moment} from '../../../text/time.ts';

/** Keys that are named; more of them are for their own list. */
const mostNamed = 20;

export function scopesIn({scopes}: KeyRole): string {
	return scopes.length === 0 ? 'none' : scopes.join(', ');
}

export function roleFacts(role: KeyRole, now: number, width: number): Part[][] {
	const {lines, add} = factsOf(width);
	const {name, id, description, created_at, updated_at} = role;
	add('Name', clean(name), 'strong');
	if (description !== null) add('For', clean(description));
	add('Scopes', scopesIn(role));
	add('In use', goBy(role.keys));
	add('Id', id);
	add('Created', `${moment(created_at)}, ${ago(created_at, now)}`);
	add('Changed', `${moment(updated_at)}, ${ago(updated_at, now)}`);
	return lines;
}

/** The keys that go by a role, and what state they are in. */
export function keysOfRole(
	{name}: KeyRole,
	keys: readonly FullKey[],
	now: number,
	width: number,
): Part[][] {
	const having = keys.filter((key) => !isOver(key, now) && key.roles.includes(name));
	if (having.length === 0) return [];
	const {lines, add} = factsOf(width);
	for (const [index, key] of having.slice(0, mostNamed).entries()) {
		add(index === 0 ? 'Keys' : '', `${clean(key.name)}, ${stateOf(key, now)}`);
	}
	const more = having.length - mostNamed;
	if (more > 0) add('', `and ${plural(more, ['more', 'more'])}: w shows all of them`, 'dim');
	return [[], ...lines];
}
