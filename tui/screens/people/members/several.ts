import {isOver} from '../../../api-keys/state.ts';
import {rowChange} from '../../../app/effect.ts';
import type {Items} from '../../../app/lists.ts';
import type {Model, Step} from '../../../app/model.ts';
import {plural} from '../../../text/plural.ts';
import {startSeveral} from '../../kinds/list/several.ts';
import {mayManage} from './manage.ts';

type Member = Items['members'];

/** Asks before the members that are marked are removed, and says what each loses and leaves behind. */
export function removeSeveral(model: Model, marked: readonly Member[], now: number): Step {
	const org_id = model.organisation?.id ?? '';
	const others = marked.filter(({id}) => id !== model.me?.id);
	const some = others.filter((member) => mayManage(model, member));
	const several = {
		rows: some.map(({id, email: name}) =>
			rowChange({id, name}, 'removeMember', {org_id, user_id: id}),
		),
		tells: some.map(
			(member) => `${member.email}: no longer ${member.role}${keysOf(model, member, now)}`,
		),
		words: {
			doing: 'Removing',
			done: 'removed',
			did: 'Removed',
			nouns: ['member', 'members'],
		},
		verb: 'Remove',
		facts: [
			[
				'Their sessions here end immediately. Keys they made keep working. To come back, they need an invitation.',
				'plain',
			],
		],
		spared: [
			{count: marked.length - others.length, why: 'yourself; without marks, x leaves'},
			{count: others.length - some.length, why: 'only owners remove owners'},
		],
	} as const;
	return startSeveral(model, 'members', several, now);
}

/** The live keys that somebody made, where the list of keys is here. */
function keysOf({keys}: Model, {id}: Member, now: number): string {
	if (keys.loadedAt === undefined) return '';
	const made = keys.items.filter((key) => key.creator?.id === id && !isOver(key, now)).length;
	return made === 0 ? '' : `; ${plural(made, ['key keeps', 'keys keep'])} working`;
}
