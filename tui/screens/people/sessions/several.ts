import type {Session} from '../../../../contract/sessions.ts';
import {rowChange} from '../../../app/effect.ts';
import type {Model, Step} from '../../../app/model.ts';
import {startSeveral} from '../../kinds/list/several.ts';
import {sessionText} from './session.ts';

/** Asks before the sessions that are marked end; the one that one is in stays, as that is to log out. */
export function endSeveral(
	model: Model,
	marked: readonly Session[],
	user: {readonly id: string} | undefined,
	now: number,
): Step {
	const others = marked.filter(({current}) => user !== undefined || !current);
	const several = {
		rows: others.map((session) => {
			const {id} = session;
			const row = {id, name: sessionText(session)};
			return user === undefined
				? rowChange(row, 'endSession', {session_id: id})
				: rowChange(row, 'endUserSession', {user_id: user.id, session_id: id});
		}),
		words: {doing: 'Ending', done: 'ended', did: 'Ended', nouns: ['session', 'sessions']},
		verb: 'End',
		facts: [['Their tokens stop working immediately.', 'plain']],
		undo: 'Whoever uses them can log in again.',
		spared: [{count: marked.length - others.length, why: 'the one you are in: X ends it too'}],
	} as const;
	return startSeveral(model, user === undefined ? 'sessions' : 'userSessions', several, now);
}
