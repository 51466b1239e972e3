import type {KeyDecision} from '../../contract/decisions.ts';
import {outcomes} from '../../contract/outcomes.ts';
import {printable} from '../../contract/text.ts';
import {writeCount} from '../text/count.ts';

/* What people are told of a decision about a key. */

/** `10:30:00.123`, UTC. */
export function timeOfDecision({at}: KeyDecision): string {
	return at.slice(11, 23);
}

/** What it came to, in a few words; a newer server may know more than we do. */
export function outcomeOfDecision({outcome}: KeyDecision): string {
	return Object.hasOwn(outcomes, outcome) ? outcomes[outcome].label : printable(outcome);
}

/** By what the key was used, and of what request a service or a proxy has asked. */
export function doorOfDecision({via, method}: KeyDecision): string {
	return [via, method].filter((part) => part !== null).join(' ') || '-';
}

/** What else is known of the use: the client, tags, the scopes that it needed. */
export function moreOfDecision({user_agent: agent, tags, scopes}: KeyDecision): string {
	const needed = scopes.length === 0 ? [] : [`needs ${scopes.join(' ')}`];
	return [...(agent === null ? [] : [agent]), ...tags.map((tag) => `#${tag}`), ...needed].join(
		', ',
	);
}

/** How many there were that are not shown; undefined: none. */
export function leftOutText(count: number): string | undefined {
	return count === 0 ? undefined : `${writeCount(count)} more not shown`;
}
