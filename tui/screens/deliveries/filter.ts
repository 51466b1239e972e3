import {eventTypeNames} from '../../../contract/events.ts';
import {type Delivery, deliveryStatuses} from '../../../contract/webhooks.ts';
import {hasWords, type ListFilter, readWords, takesTime, timeOf} from '../list/filter.ts';

type Part = ListFilter<Delivery>;

/** Reads `status:dead type:key.revoked since:1h`; words are looked for in what has been read. */
export function parseDeliveryFilter(source: string, now: number): Part {
	return readWords(source, (word) => read(word, now));
}

function read(word: string, now: number): Part {
	const [, field, value = ''] = /^([a-z]+):(.*)$/.exec(word) ?? [];
	if (field === undefined) return {query: {}, test: hasWords(word)};
	const part = fields[field]?.(value, now);
	if (part !== undefined) return part;
	const known = takes[field];
	return {problem: known === undefined ? `${word}: no such filter` : `${word}: takes ${known}`};
}

const takes: Record<string, string> = {
	status: deliveryStatuses.join(' '),
	type: 'a type, as key.revoked',
	since: takesTime,
	until: takesTime,
};

const fields: Record<string, (value: string, now: number) => Part | undefined> = {
	status(value) {
		const status = theOne(value, deliveryStatuses);
		if (status === undefined) return undefined;
		return {query: {status}, test: (delivery) => delivery.status === status};
	},
	type(value) {
		const type = theOne(value, eventTypeNames);
		if (type === undefined) return undefined;
		return {query: {event_type: type}, test: ({event_type}) => event_type === type};
	},
	since(value, now) {
		const time = timeOf(value, now);
		if (time === undefined) return undefined;
		const since = new Date(time).toISOString();
		return {query: {since}, test: ({created_at}) => Date.parse(created_at) >= time};
	},
	until(value, now) {
		const time = timeOf(value, now);
		if (time === undefined) return undefined;
		const until = new Date(time).toISOString();
		return {query: {until}, test: ({created_at}) => Date.parse(created_at) < time};
	},
};

/** The server takes one: the whole word, or the beginning of only one. */
function theOne<Name extends string>(value: string, names: readonly Name[]): Name | undefined {
	if (value === '') return undefined;
	const begun = names.filter((name) => name.startsWith(value));
	return names.find((name) => name === value) ?? (begun.length === 1 ? begun[0] : undefined);
}
