import {toTimestamp} from '../../contract/text.ts';
import {keysLeftText} from '../api-keys/left.ts';
import {revocationText} from '../api-keys/revocation.ts';
import {openKeysLeft} from '../screens/keys/left/open.ts';
import {newRevealScreen} from '../screens/kinds/reveal/state.ts';
import {selectIn} from '../screens/kinds/list/rows.ts';
import {left} from './coming-in.ts';
import type {Answer, Change} from './effect.ts';
import type {Loaded} from './pages.ts';
import type {Model, Step} from './model.ts';
import {isBusy, rearrange} from './on-screens.ts';
import {load} from './loading.ts';
import {withOrganisation} from './loaded.ts';
import {identify, may, pop, push, say, top} from './navigation.ts';
import {isTable} from './screens.ts';

type Changed = Extract<Answer, {type: 'changed'}>;
type Body = Changed['body'];
type Row = {readonly id: string};

/** The question behind a change is closed, and what the answer shows once is shown. */
export function changed(online: Model, event: Changed, now: number): Step {
	const {change, body} = event;
	const shown = isBusy(top(online)) ? pop(online) : online;
	const isLeft = event.keysLeft !== undefined && event.keysLeft > 0;
	const tone = isLeft ? 'warning' : 'good';
	const said = say(withRows(shown, change, body, now), now, doneText(event), tone);
	if (change.afterwards === 'leave') return left(said);
	const secret = change.reveal === undefined ? undefined : body[change.reveal.member];
	const told =
		change.reveal === undefined || typeof secret !== 'string'
			? said
			: push(said, newRevealScreen({...change.reveal, secret}));
	// A read that is under way may have begun before the change.
	const list = {...told[change.reload], loading: false};
	const [next, ...effects] = load({...told, [change.reload]: list}, change.reload);
	if (change.leaver !== undefined && isLeft && may(next, 'keys:read')) {
		const [opened, ...more] = openKeysLeft(next, change.leaver);
		return [opened, ...effects, ...more];
	}
	if (change.afterwards !== 'identify') return [next, ...effects];
	return [next, ...effects, identify(next)];
}

function doneText({change, revocation, keysLeft = 0}: Changed): string {
	const {done, tellsWhere, undo, leaver} = change;
	if (keysLeft > 0)
		return `${done}; ${keysLeftText(keysLeft, leaver === undefined ? ' of yours' : '')}`;
	if (tellsWhere !== true) return done;
	const where = revocation === undefined ? undefined : revocationText(revocation);
	return `${done} ${where ?? 'from now on'}${undo === undefined ? '' : ` · ${undo}`}`;
}

/** What was changed is shown as it is now, before the list is read again. */
function withRows(model: Model, change: Change, body: Body, now: number): Model {
	const {reload, adds, reveal} = change;
	if (adds !== undefined) return withRow(model, change, body);
	if (reveal !== undefined) return model;
	const list: Loaded<Row> = model[reload];
	const items = list.items
		.filter(({id}) => id !== change.gone)
		.map((item) => (item.id === body['id'] ? {...item, ...body} : item))
		.map((item) =>
			item.id === change.revoked ? {...item, revoked_at: toTimestamp(new Date(now))} : item,
		);
	const next = rearrange({...withSuspended(model, change), [reload]: {...list, items}}, reload);
	return reload === 'organisations' ? withOrganisation(next) : next;
}

/** What can be taken back by `u`. */
function withSuspended(model: Model, {route, input}: Change): Model {
	if (route !== 'suspendKey' || !('key_id' in input)) return model;
	return {...model, lastSuspended: [String(input.key_id)]};
}

/** A new row, without what is shown once, and the cursor on it. */
function withRow(model: Model, {reload, adds, reveal}: Change, body: Body): Model {
	const {[reveal?.member ?? '']: _, id, ...made} = body;
	if (typeof id !== 'string') return model;
	const list: Loaded<Row> = model[reload];
	const items = [{...adds, ...made, id}, ...list.items.filter((item) => item.id !== id)];
	const known = rearrange({...model, [reload]: {...list, items}}, reload);
	const screens = known.screens.map((screen) =>
		isTable(screen) && screen.type === reload ? selectIn(screen, known, id) : screen,
	);
	return {...known, screens};
}
