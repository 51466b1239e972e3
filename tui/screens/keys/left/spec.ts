import type {KeyLeft} from '../../../api-keys/left.ts';
import {keyStates, stateOf} from '../../../api-keys/state.ts';
import {copyId} from '../../../app/copy.ts';
import type {Model} from '../../../app/model.ts';
import {clean} from '../../../text/clean.ts';
import {ago, date} from '../../../text/time.ts';
import type {ListSpec} from '../../kinds/list/spec.ts';
import {mayCleanUp, startCleanUp} from '../clean-up/start.ts';
import {hintText, keyFacts} from '../key/facts.ts';
import {keyStatus} from '../key/status.ts';
import {severalChanged} from '../outcomes/answer.ts';
import {keysLeftBindings} from './bindings.ts';
import {makerIn} from './maker.ts';
import {sortTime} from '../../../components/table/order.ts';

/** The live keys that somebody made, who may be gone: of the organisation they left, or of all. */
export const keysLeftSpec: ListSpec<'keysLeft', typeof keysLeftBindings> = {
	list: 'keysLeft',
	title: (model) => `keys made by ${makerOf(model).name}`,
	nouns: ['live key', 'live keys'],
	context: keysLeftBindings,
	marks: () => true,
	columns: (model) => [
		{title: 'NAME', value: ({name}) => name, cell: ({name}) => [clean(name)]},
		{
			title: 'STATUS',
			width: 10,
			value: (key) => keyStates.indexOf(stateOf(key, model.now)),
			cell: (key) => keyStatus(key, model.now),
		},
		{
			title: 'LAST USED',
			width: 11,
			value: ({last_used_at: at}) => sortTime(at),
			descending: true,
			cell: ({last_used_at: at}) => [ago(at, model.now)],
		},
		...(makerOf(model).org_id === undefined
			? [
					{
						title: 'ORGANISATION',
						width: 18,
						value: ({organisation}: KeyLeft) => organisation,
						cell: ({organisation}: KeyLeft) => [clean(organisation)] as const,
					},
				]
			: []),
		{title: 'HINT', width: 13, from: 92, cell: ({hint}) => [hintText(hint), 'dim']},
		{
			title: 'CREATED',
			width: 10,
			from: 76,
			value: (key) => sortTime(key.created_at),
			descending: true,
			cell: (key) => [date(key.created_at), 'dim'],
		},
	],
	empty: (model) => [`${clean(makerOf(model).name)} made no key that is live.`],
	facts: (key, {now}, width) => keyFacts(key, now, width),
	forMarked: ['suspend', 'revoke'],
	unavailable: (model, key) =>
		key !== undefined && mayCleanUp(model) ? [] : ['suspend', 'suspendAll', 'revoke', 'revokeAll'],
	run(model, key, command, now, marked) {
		if (key === undefined) return [model];
		const some = marked.length > 0 ? marked : [key];
		switch (command) {
			case 'suspend':
			case 'revoke':
				return startCleanUp(model, some, 'keysLeft', now);
			case 'suspendAll':
			case 'revokeAll':
				return startCleanUp(model, model.keysLeft.items, 'keysLeft', now);
			case 'copy':
				return copyId(model, key.id, now);
		}
	},
	onAnswer: (model, _screen, event, {now}) =>
		event.type === 'keysChanged' && event.of.reload === 'keysLeft'
			? severalChanged(model, event, now)
			: undefined,
};

function makerOf({queries}: Model) {
	return makerIn(queries.keysLeft);
}
