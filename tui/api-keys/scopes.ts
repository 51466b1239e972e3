import {scopeFault} from '../../contract/scopes.ts';
import {plural} from '../text/plural.ts';
import type {Reading, Typed} from '../text/typed.ts';

const such = 'scopes such as orders.read, invoices.*';

/** Scopes with commas or spaces between; the word `none` is the empty list. */
export const scopes: Typed<string[]> = {
	label: 'Scopes',
	takes: `everything; or ${such}; or none`,
	read,
};

function read(text: string): Reading<string[]> {
	if (text === 'none') return {value: [], means: 'no scope: it only proves who it is'};
	const value = [...new Set(text.split(/[\s,]+/u).filter((each) => each !== ''))];
	if (value.length === 0) return {problem: `takes ${such}`};
	for (const scope of value) {
		const fault = scopeFault(scope);
		if (fault !== undefined) return {problem: `${scope} ${fault}`};
	}
	return {value, means: `${plural(value.length, ['scope', 'scopes'])}: ${value.join(', ')}`};
}
