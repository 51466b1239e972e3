import {eventTypeNames} from '../../../../contract/events.ts';
import {type Delivery, deliveryStatuses} from '../../../../contract/webhooks.ts';
import {
	type Grammar,
	here,
	type ListFilter,
	type Part,
	period,
	readFilter,
} from '../../../text/filter-grammar.ts';

/** Reads `status:dead type:key.revoked since:1h`; words are looked for in what has been read. */
export function parseDeliveryFilter(source: string, now: number): ListFilter<Delivery> {
	return readFilter(source, now, grammar);
}

const grammar: Grammar<Delivery> = {
	fields: {
		status: [
			deliveryStatuses.join(' '),
			(value) => {
				const status = theOne(value, deliveryStatuses);
				if (status === undefined) return undefined;
				return {query: {status}, test: (delivery) => delivery.status === status};
			},
		],
		type: [
			'a type, such as key.revoked',
			(value) => {
				const type = theOne(value, eventTypeNames);
				if (type === undefined) return undefined;
				return {query: {event_type: type}, test: ({event_type}) => event_type === type};
			},
		],
		key: ['the name or the id of a key', ofKey],
		...period<Delivery>(({created_at}) => created_at),
	},
};

/** The server has no parameter for it: it is looked for in what has been read. */
function ofKey(value: string): Part<Delivery> | undefined {
	const wanted = value.toLowerCase();
	if (wanted === '') return undefined;
	return here(
		({key}) => key !== null && (key.id === wanted || key.name.toLowerCase().includes(wanted)),
	);
}

/** The server takes one: the whole word, or the beginning of only one. */
function theOne<Name extends string>(value: string, names: readonly Name[]): Name | undefined {
	const wanted = value.toLowerCase();
	if (wanted === '') return undefined;
	const begun = names.filter((name) => name.startsWith(wanted));
	return names.find((name) => name === wanted) ?? (begun.length === 1 ? begun[0] : undefined);
}
