import {toTimestamp} from '../../../../contract/text.ts';
import type {RevokeOutcome} from '../../../api-keys/revoke-each.ts';
import {load} from '../../../app/loading.ts';
import type {Model, Step} from '../../../app/model.ts';
import {pop, push, say, top} from '../../../app/navigation.ts';
import {plural} from '../../../text/plural.ts';
import {noMarks} from '../../kinds/list/marks.ts';

/** Several keys were revoked at once: all in one sentence, or a list of what became of each. */
export function severalRevoked(
	model: Model,
	outcomes: readonly RevokeOutcome[],
	now: number,
): Step {
	const screen = top(model);
	const isAsked = screen.type === 'confirm' && screen.act.do === 'revokeKeys';
	const shown = isAsked ? pop(model) : model;
	const gone = new Set(
		outcomes.filter(({outcome}) => outcome === 'revoked').map(({key}) => key.id),
	);
	const at = toTimestamp(new Date(now));
	const items = shown.keys.items.map((item) =>
		gone.has(item.id) ? {...item, revoked_at: at} : item,
	);
	const screens = shown.screens.map((each) =>
		each.type === 'keys' ? {...each, marks: noMarks} : each,
	);
	const known = {...shown, screens, keys: {...shown.keys, items}};
	const count = plural(gone.size, ['key', 'keys']);
	if (gone.size === outcomes.length) {
		return load(say(known, now, `Revoked ${count}: they are refused from now on`, 'good'), 'keys');
	}
	const told = say(known, now, `Revoked ${count} of ${outcomes.length}`, 'warning');
	return load(push(told, {type: 'outcomes', outcomes, offset: 0}), 'keys');
}
