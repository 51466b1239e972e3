import {deliveriesBindings} from './bindings.ts';
import type {Delivery} from '../../../../contract/webhooks.ts';
import {changing} from '../../../app/guards.ts';
import {copyId} from '../../../app/copy.ts';
import {canChange, may, top} from '../../../app/navigation.ts';
import type {Model, Step} from '../../../app/model.ts';
import type {Part} from '../../../components/line.tsx';
import type {Column} from '../../../components/table/columns.ts';
import {clean} from '../../../text/clean.ts';
import {ago, due} from '../../../text/time.ts';
import {deliveryFacts} from '../delivery/lines.ts';
import {openDelivery} from '../delivery/read.ts';
import {follow} from '../../kinds/list/follow.ts';
import {applyFilter} from '../../kinds/list/filtering.ts';
import type {ListSpec} from '../../kinds/list/spec.ts';
import {replaySeveral} from '../replay/several.ts';
import {startReplay, startReplayMany} from '../replay/state.ts';
import {openEndpointOf, openKeyOf} from './about.ts';
import {parseDeliveryFilter} from './filter.ts';
import {endpointName} from './names.ts';
import {statusOf} from './status.ts';
import {sortTime} from '../../../components/table/order.ts';

const filter = {
	takes: 'status:dead type:key.revoked key:billing since:1h, or words',
	parse: parseDeliveryFilter,
};

export const deliveriesSpec: ListSpec<'deliveries', typeof deliveriesBindings> = {
	list: 'deliveries',
	place: {name: 'deliveries'},
	under: 'showWebhooks',
	title: (model) => {
		const endpoint = endpointOf(model);
		return endpoint === undefined ? 'deliveries' : endpointName(model, {endpoint_id: endpoint});
	},
	nouns: ['delivery', 'deliveries'],
	context: deliveriesBindings,
	filter,
	serverOrder: {column: 'TIME', descending: true},
	marks: () => true,
	columns: (model, width) => [
		{
			title: 'TIME',
			width: 9,
			value: ({created_at: at}) => sortTime(at),
			descending: true,
			cell: ({created_at: at}) => [ago(at, model.now), 'dim'],
		},
		...named(model, width),
		{
			title: 'TRY',
			width: 3,
			from: 70,
			value: ({attempts}) => attempts,
			descending: true,
			cell: ({attempts}) => [String(attempts)],
		},
		{
			title: 'HTTP',
			width: 4,
			value: ({last_status_code: code}) => code,
			cell: ({last_status_code: code}) => [String(code ?? '-'), code === null ? 'dim' : 'plain'],
		},
		{
			title: 'NEXT TRY',
			width: 8,
			// The status says that there is one.
			from: 84,
			value: ({next_attempt_at: at}) => sortTime(at),
			cell: ({next_attempt_at: at}) => (at === null ? ['-', 'dim'] : [due(at, model.now)]),
		},
		{
			title: 'STATUS',
			width: 11,
			value: ({status}) => status,
			cell: (delivery) => statusOf(delivery),
		},
	],
	empty: (model) =>
		endpointOf(model) === undefined
			? ['Nothing has been sent yet. An event goes to every endpoint that subscribes to its type.']
			: [
					'Nothing has been sent to this endpoint yet.',
					'',
					'esc goes back; T there sends it a test.',
				],
	facts: deliveryFacts,
	unavailable: (model, delivery) => [
		...(canChange(model) && may(model, 'webhooks:manage')
			? []
			: (['replay', 'replayMany'] as const)),
		...(delivery === undefined || delivery.key === null ? (['theKey'] as const) : []),
		...(delivery === undefined ? (['openDelivery', 'theEndpoint', 'copy'] as const) : []),
	],
	run(model, delivery, command, now, marked): Step {
		if (command === 'replay' && marked.length > 0) return replaySeveral(model, marked, now);
		if (command === 'replayMany') {
			const endpoint = endpointOf(model) ?? delivery?.endpoint_id;
			return changing(model, now, () => startReplayMany(model, endpoint, now));
		}
		if (command === 'follow') return follow(model);
		if (command === 'dead')
			return applyFilter(model, deliveriesSpec, isDeadOnly(model) ? '' : deadOnly, now);
		if (delivery === undefined) return [model];
		switch (command) {
			case 'openDelivery':
				return openDelivery(model, delivery);
			case 'replay':
				return changing(model, now, () => startReplay(model, delivery, now));
			case 'theKey':
				return openKeyOf(model, delivery, now);
			case 'theEndpoint':
				return openEndpointOf(model, delivery);
			case 'copy':
				return copyId(model, delivery.id, now);
		}
	},
};

/** Which event, about which key, and to which endpoint where that is not plain. */
function named(model: Model, width: number): Column<Delivery>[] {
	const isOfAll = endpointOf(model) === undefined;
	const nameOfKey = ({key}: Delivery) => key?.name ?? null;
	return [
		{
			title: 'EVENT',
			width: eventWidth(width, isOfAll),
			value: ({event_type: type}) => type,
			cell: eventPart,
		},
		{title: 'KEY', value: nameOfKey, cell: ({key}) => [clean(key?.name ?? '-')]},
		...(isOfAll
			? [
					{
						title: 'TO',
						width: width < roomyFrom ? 14 : 24,
						value: (delivery: Delivery) => endpointName(model, delivery),
						cell: (delivery: Delivery) => [endpointName(model, delivery)] as const,
					},
				]
			: []),
	];
}

/** From this width on there is room for whole names of events and hosts. */
const roomyFrom = 110;

function eventWidth(width: number, isOfAll: boolean): number {
	if (width >= roomyFrom) return 26;
	return isOfAll ? 13 : 20;
}

function eventPart({event_type: type}: Delivery): Part {
	return [clean(type)];
}

const deadOnly = 'status:dead';

function isDeadOnly(model: Model): boolean {
	const screen = top(model);
	return screen.type === 'deliveries' && screen.filter.applied === deadOnly;
}

/** The endpoint that the screen is about; without one it is about all. */
function endpointOf({queries}: Model): string | undefined {
	return queries.deliveries?.['endpoint_id'];
}
