import type {KeyDecision} from '../../../contract/decisions.ts';
import {countedOutcomes, outcomes} from '../../../contract/outcomes.ts';
import {
	type Grammar,
	here,
	type ListFilter,
	type Part,
	readFilter,
} from '../../text/filter-grammar.ts';

/**
 * Reads `outcome:refused key:ingest from:10.20. curl`. The server narrows by outcome; all else is looked for
 * in what it tells.
 */
export function parseLiveFilter(source: string, now: number): ListFilter<KeyDecision> {
	return readFilter(source, now, grammar);
}

export const liveFilterTakes = 'outcome:refused key: from:10.20. tag: or words';

const grammar: Grammar<KeyDecision> = {
	fields: {
		outcome: ['ok, refused or why, such as expired', (value) => outcomeNamed(value.toLowerCase())],
		key: ['a name or an id', (value) => textOf(value, (each) => [each.key_id, each.key_name])],
		from: ['an address or its beginning', (value) => beginning(value)],
		tag: ['a tag of the use', (value) => textOf(value, ({tags}) => tags)],
	},
};

function outcomeNamed(value: string): Part<KeyDecision> | undefined {
	if (value === 'refused') {
		return {query: {outcome: 'refused'}, test: ({outcome}) => outcome !== 'valid'};
	}
	const found = countedOutcomes.find((outcome) =>
		[outcome, outcomes[outcome].label, ...(outcome === 'valid' ? ['ok'] : [])].includes(value),
	);
	if (found === undefined) return undefined;
	return {query: {outcome: found}, test: ({outcome}) => outcome === found};
}

function beginning(value: string): Part<KeyDecision> | undefined {
	const wanted = value.toLowerCase();
	if (wanted === '') return undefined;
	return here(({address}) => address?.startsWith(wanted) === true);
}

function textOf(
	value: string,
	textsOf: (decision: KeyDecision) => readonly string[],
): Part<KeyDecision> | undefined {
	const wanted = value.toLowerCase();
	if (wanted === '') return undefined;
	return here((decision) => textsOf(decision).some((text) => text.toLowerCase().includes(wanted)));
}
