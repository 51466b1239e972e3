import {userSessionsBindings} from './bindings.ts';
import type {User} from '../../../../contract/users.ts';
import {changing} from '../../../app/guards.ts';
import {copyId} from '../../../app/copy.ts';
import {changeOf} from '../../../app/effect.ts';
import {canChange, push} from '../../../app/navigation.ts';
import type {Model} from '../../../app/model.ts';
import {clean} from '../../../text/clean.ts';
import {plainWord} from '../../kinds/confirm/screen.ts';
import {newConfirmScreen} from '../../kinds/confirm/state.ts';
import type {ListSpec} from '../../kinds/list/spec.ts';
import {endSeveral} from '../sessions/several.ts';
import {sessionColumns, sessionFacts, sessionText} from '../sessions/session.ts';

/** Where somebody is logged in, for operators. */
export const userSessionsSpec: ListSpec<'userSessions', typeof userSessionsBindings> = {
	list: 'userSessions',
	title: (model) => userOf(model)?.email ?? 'sessions',
	nouns: ['open session', 'open sessions'],
	context: userSessionsBindings,
	marks: () => true,
	columns: sessionColumns,
	empty: (model) => [`${clean(userOf(model)?.email ?? 'Nobody')} has no open sessions.`],
	facts: sessionFacts,
	unavailable: (model, session) =>
		canChange(model) && session !== undefined ? [] : ['endSession', 'endSessions'],
	run(model, session, command, now, marked) {
		const user = userOf(model);
		if (user === undefined || session === undefined) return [model];
		const who = clean(user.email);
		switch (command) {
			case 'endSession': {
				if (marked.length > 0) return endSeveral(model, marked, user, now);
				const question = newConfirmScreen(
					{
						name: 'endUserSession',
						kept: 'no session was ended',
						undo: 'They can log in again.',
						title: 'end session',
						question: `End this session of ${who}?`,
						facts: [
							[sessionText(session), 'dim'],
							['', 'plain'],
							[
								'Its tokens stop working immediately; whoever uses it has to log in again.',
								'plain',
							],
						],
						verb: 'End it',
						busyText: 'Ending …',
					},
					changeOf(
						'endUserSession',
						{user_id: user.id, session_id: session.id},
						{done: `Ended a session of ${who}`, reload: 'userSessions', gone: session.id},
					),
				);
				return changing(model, now, () => [push(model, question)]);
			}
			case 'endSessions': {
				const question = newConfirmScreen(
					{
						name: 'endUserSessions',
						kept: 'no session was ended',
						word: plainWord,
						title: 'end all sessions',
						question: `End every session of ${who}?`,
						facts: [
							['They are logged out everywhere immediately, and can log in again.', 'plain'],
							['To keep somebody out, disable the user instead: esc, then d.', 'dim'],
						],
						verb: 'End all',
						busyText: 'Ending …',
					},
					changeOf(
						'endUserSessions',
						{user_id: user.id},
						{done: `Ended every session of ${who}`, reload: 'userSessions'},
					),
				);
				return changing(model, now, () => [push(model, question)]);
			}
			case 'copy':
				return copyId(model, session.id, now);
		}
	},
};

/** The user whose sessions are shown. */
function userOf({users, queries}: Model): User | undefined {
	return users.items.find(({id}) => id === queries.userSessions?.['user_id']);
}
