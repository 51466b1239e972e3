import {parseNetwork, writeNetwork} from '../../contract/network.ts';
import {plural} from '../text/plural.ts';
import type {Reading, Typed} from '../text/typed.ts';

const such = 'networks such as 10.0.0.0/8, 2001:db8::/32';

/** Networks and addresses, with commas or spaces between; `without` is what holds where none is given. */
export function networks(label: string, without: string): Typed<string[]> {
	return {label, takes: `${without}; or ${such}`, read};
}

function read(text: string): Reading<string[]> {
	const value: string[] = [];
	for (const entry of text.split(/[\s,]+/u).filter((each) => each !== '')) {
		const network = parseNetwork(entry);
		if ('fault' in network) return {problem: `${entry} ${network.says}`};
		value.push(writeNetwork(network));
	}
	if (value.length === 0) return {problem: `takes ${such}`};
	return {value, means: `${plural(value.length, ['network', 'networks'])}: ${value.join(', ')}`};
}
