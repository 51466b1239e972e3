import {
	keyFindingNames,
	keyHygieneQuery,
	type KeyToMend,
} from '../../../../contract/key-hygiene.ts';
import {duration, day} from '../../../text/time.ts';
import {type Field, hasText, type ListFilter, readFilter} from '../../../text/filter-grammar.ts';

/* What hygiene is asked with: from when on a key is idle, expiring or shared. All of it is the server's to judge. */

/** What it takes, by examples. */
export const thresholdsTake = 'words, idle:180d expiring:14d addresses:5';

/** Reads `idle:180d expiring:14d addresses:5`, and words of a row. */
export function parseThresholds<Row>(source: string, now: number): ListFilter<Row> {
	return readFilter<Row>(source, now, {fields: {...thresholds}});
}

/** The same, and `finding:idle`, of the keys themselves. */
export function parseKeysToMend(source: string, now: number): ListFilter<KeyToMend> {
	return readFilter<KeyToMend>(source, now, {
		hasWord: ({name, id, hint, owner}, word) => hasText([name, id, hint, owner], word),
		fields: {...thresholds, finding},
	});
}

const thresholds = {
	idle: inDays('idle_days'),
	expiring: inDays('expiring_days'),
	addresses: number('most_addresses'),
};

type Threshold = 'idle_days' | 'expiring_days' | 'most_addresses';

function inDays(name: Threshold): Field<unknown> {
	return [
		'a number of days such as 90d',
		(value) => {
			const ms = duration(/^\d+$/.test(value) ? `${value}d` : value);
			return ms === undefined ? undefined : asked(name, String(ms / day));
		},
	];
}

function number(name: Threshold): Field<unknown> {
	return ['a number such as 10', (value) => asked(name, value)];
}

function asked(name: Threshold, value: string) {
	const isTaken = keyHygieneQuery.shape[name].safeParse(value).success;
	return isTaken ? {query: {[name]: value}, test: () => true} : undefined;
}

const finding: Field<KeyToMend> = [
	`${keyFindingNames.slice(0, -1).join(', ')} or ${keyFindingNames.at(-1)}`,
	(value) => {
		const wanted = value.toLowerCase().replaceAll('-', '_');
		const name = keyFindingNames.find((each) => wanted !== '' && each.startsWith(wanted));
		if (name === undefined) return undefined;
		const isFound = ({findings}: KeyToMend) => findings.some(({finding: of}) => of === name);
		return {query: {finding: name}, test: isFound};
	},
];
