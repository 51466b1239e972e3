import {endpointsBindings} from './bindings.ts';
import {changing} from '../../../app/guards.ts';
import {copyId} from '../../../app/copy.ts';
import {canChange, may} from '../../../app/navigation.ts';
import type {CommandOf} from '../../../keyboard/keymap.ts';
import {sortTime} from '../../../components/table/order.ts';
import {ago, due} from '../../../text/time.ts';
import {disableSeveral} from './several.ts';
import {openDeliveries} from '../deliveries/open.ts';
import {openTrail} from '../../audit/list/open.ts';
import type {ListSpec} from '../../kinds/list/spec.ts';
import {newDeleteWebhookScreen} from './delete.ts';
import {newCreateWebhookScreen, newEditWebhookScreen} from './endpoint-form.ts';
import {missedCounted, notCounted, toggle} from './enabling.ts';
import {endpointFacts} from './facts.ts';
import {nameOf, typesOf} from './names.ts';
import {newRotateScreen} from './rotate.ts';
import {managing, startTest} from './start.ts';
import {rotationEnds, stateOf} from './state-of.ts';

const changes = ['createWebhook', 'editWebhook', 'toggleWebhook', 'deleteWebhook'] as const;
const ofOne: readonly CommandOf<typeof endpointsBindings>[] = ['deliveries', 'copy'];

export const webhooksSpec: ListSpec<'webhooks', typeof endpointsBindings> = {
	list: 'webhooks',
	place: {name: 'webhooks', command: 'showWebhooks'},
	title: () => 'webhooks',
	nouns: ['endpoint', 'endpoints'],
	context: endpointsBindings,
	marks: () => true,
	columns: ({now}) => [
		{title: 'URL', value: nameOf, cell: (endpoint) => [nameOf(endpoint)]},
		{title: 'EVENTS', width: 12, from: 76, value: typesOf, cell: (endpoint) => [typesOf(endpoint)]},
		{
			title: 'STATUS',
			width: 12,
			value: (endpoint) => stateOf(endpoint, now)[0],
			cell: (endpoint) => stateOf(endpoint, now),
		},
		{
			title: 'FAILS',
			width: 5,
			value: ({consecutive_failures: count}) => count,
			descending: true,
			cell: ({consecutive_failures: count}) =>
				count === 0 ? ['-', 'dim'] : [String(count), 'warning'],
		},
		{
			title: 'LAST OK',
			width: 9,
			value: ({last_success_at: at}) => sortTime(at),
			descending: true,
			cell: ({last_success_at: at}) => [ago(at, now), 'dim'],
		},
		{
			title: 'OLD SECRET',
			width: 11,
			from: 92,
			value: (endpoint) => sortTime(rotationEnds(endpoint, now) ?? null),
			cell(endpoint) {
				const ends = rotationEnds(endpoint, now);
				return ends === undefined ? ['-', 'dim'] : [`ends ${due(ends, now)}`, 'warning'];
			},
		},
	],
	empty: (model) => [
		'No webhook endpoints yet.',
		'',
		'An endpoint is a URL of yours. Latchkey sends it a signed request whenever a key is created, revoked or expires, and whenever the plan changes.',
		'',
		may(model, 'webhooks:manage')
			? 'Press n to create the first one.'
			: 'Admins and owners create them.',
	],
	facts: (endpoint, {now}, width) => endpointFacts(endpoint, now, width),
	unavailable: (model, endpoint) => [
		...(canChange(model) && may(model, 'webhooks:manage')
			? []
			: ([...changes, 'rotateSecret', 'testWebhook'] as const)),
		...(endpoint === undefined ? ofOne : []),
	],
	onAnswer: (model, _screen, event, {now}) =>
		event.type === 'replayCounted' ? missedCounted(model, event, now) : undefined,
	onFailure: (model, _screen, {effect, failure, now}) =>
		effect.do === 'countReplay' ? notCounted(model, failure, now) : model,
	run(model, endpoint, command, now, marked) {
		if (command === 'allDeliveries') return openDeliveries(model);
		if (command === 'createWebhook') {
			return changing(model, now, () => managing(model, now, newCreateWebhookScreen));
		}
		if (endpoint === undefined) return [model];
		switch (command) {
			case 'deliveries':
				return openDeliveries(model, endpoint.id);
			case 'trail':
				return openTrail(model, {target: endpoint.id}, nameOf(endpoint), now);
			case 'editWebhook':
				return changing(model, now, () =>
					managing(model, now, () => newEditWebhookScreen(endpoint)),
				);
			case 'toggleWebhook':
				if (marked.length > 0) return disableSeveral(model, marked, now);
				return changing(model, now, () => toggle(model, endpoint, now));
			case 'deleteWebhook':
				return changing(model, now, () =>
					managing(model, now, (organisation) =>
						newDeleteWebhookScreen(endpoint, organisation, now),
					),
				);
			case 'rotateSecret':
				return changing(model, now, () =>
					managing(model, now, (organisation) => newRotateScreen(endpoint, organisation, now)),
				);
			case 'testWebhook':
				return changing(model, now, () => startTest(model, endpoint, now));
			case 'copy':
				return copyId(model, endpoint.id, now);
		}
	},
};
