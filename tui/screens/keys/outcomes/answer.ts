import {toTimestamp} from '../../../../contract/text.ts';
import {keyChanges} from '../../../api-keys/change-each.ts';
import {revocationsText} from '../../../api-keys/revocation.ts';
import type {Answer, ListOfKeys} from '../../../app/effect.ts';
import {load} from '../../../app/loading.ts';
import type {Model, Step} from '../../../app/model.ts';
import {pop, push, say, top} from '../../../app/navigation.ts';
import {plural} from '../../../text/plural.ts';
import {hygieneAnew} from '../to-mend/anew.ts';
import {noMarks} from '../../kinds/list/marks.ts';

/** What follows for those who use them. */
const follows = {revoke: 'refused', suspend: 'refused', resume: 'accepted'} as const;

/** Several keys were changed at once: all in one sentence, or a list of what became of each. */
export function severalChanged(
	model: Model,
	{of: {what, reload}, outcomes}: Extract<Answer, {type: 'keysChanged'}>,
	now: number,
): Step {
	const screen = top(model);
	const isAsked =
		screen.type === 'cleanUp' || (screen.type === 'confirm' && screen.act.do === 'changeKeys');
	const shown = isAsked ? pop(model) : model;
	const {done, did} = keyChanges[what];
	const made = outcomes.filter(({outcome}) => outcome === done);
	const changed = new Set(made.map(({key}) => key.id));
	const at = toTimestamp(new Date(now));
	const mark = {
		revoke: {revoked_at: at},
		suspend: {suspended_at: at},
		resume: {suspended_at: null},
	}[what];
	const mend = <Item extends {readonly id: string}>(item: Item): Item =>
		changed.has(item.id) ? {...item, ...mark} : item;
	const screens = shown.screens.map((each) =>
		each.type === reload ? {...each, marks: noMarks} : each,
	);
	const keys = {...shown.keys, items: shown.keys.items.map(mend)};
	const keysLeft = {...shown.keysLeft, items: shown.keysLeft.items.map(mend)};
	const undo = what === 'suspend' ? {lastSuspended: [...changed]} : {};
	const known = {...shown, screens, keys, keysLeft, ...undo};
	const count = plural(changed.size, ['key', 'keys']);
	const where = revocationsText(made.map(({revocation}) => revocation)) ?? 'from now on';
	const back = what === 'suspend' ? ' · u resumes them' : '';
	if (changed.size === outcomes.length) {
		const text = `${did} ${count}: ${follows[what]} ${where}${back}`;
		return again(say(known, now, text, where.includes(';') ? 'warning' : 'good'), reload);
	}
	const some = changed.size === 0 ? '' : `: ${follows[what]} ${where}${back}`;
	const told = say(known, now, `${did} ${count} of ${outcomes.length}${some}`, 'warning');
	return again(push(told, {type: 'outcomes', done, outcomes, offset: 0}), reload);
}

/** Reads the list again, and with what is found of keys the keys themselves. */
function again(model: Model, list: ListOfKeys): Step {
	if (list !== 'keysToMend') return load(model, list);
	const [next, ...effects] = hygieneAnew(model);
	// A read that is under way may have begun before the change.
	const keys = {...next.keys, loading: false};
	const [known, ...more] = load({...next, keys}, 'keys');
	return [known, ...effects, ...more];
}
