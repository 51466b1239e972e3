import {sessionsBindings} from './bindings.ts';
import {changing} from '../../../app/guards.ts';
import {copyId} from '../../../app/copy.ts';
import {changeOf, type Effect} from '../../../app/effect.ts';
import {canChange, push} from '../../../app/navigation.ts';
import type {Items} from '../../../app/lists.ts';
import type {Model, Step} from '../../../app/model.ts';
import {plainWord} from '../../kinds/confirm/screen.ts';
import {newConfirmScreen} from '../../kinds/confirm/state.ts';
import type {ListSpec} from '../../kinds/list/spec.ts';
import {endSeveral} from './several.ts';
import {sessionColumns, sessionFacts, sessionText} from './session.ts';

/** Where one is logged in oneself. */
export const sessionsSpec: ListSpec<'sessions', typeof sessionsBindings> = {
	list: 'sessions',
	place: {name: 'sessions'},
	under: 'showSettings',
	title: () => 'my sessions',
	nouns: ['open session', 'open sessions'],
	context: sessionsBindings,
	marks: () => true,
	columns: sessionColumns,
	empty: () => ['No open session.'],
	facts: sessionFacts,
	unavailable: (model) => (canChange(model) ? [] : ['endSession', 'endSessions']),
	run(model, session, command, now, marked) {
		switch (command) {
			case 'endSession':
				if (marked.length > 0) return endSeveral(model, marked, undefined, now);
				if (session === undefined) return [model];
				return changing(model, now, () => endOne(model, session));
			case 'endSessions':
				return changing(model, now, () => endAll(model));
			case 'copy':
				return session === undefined ? [model] : copyId(model, session.id, now);
		}
	},
};

function endOne(model: Model, session: Items['sessions']): Step {
	const act: Effect = session.current
		? {do: 'logOut'}
		: changeOf(
				'endSession',
				{session_id: session.id},
				{done: 'Ended the session', reload: 'sessions', gone: session.id},
			);
	const question = newConfirmScreen(
		{
			name: 'endSession',
			kept: 'no session was ended',
			undo: 'Logging in again begins another.',
			title: 'end session',
			question: session.current ? 'End the session you are in?' : 'End this session?',
			facts: [
				[sessionText(session), 'dim'],
				['', 'plain'],
				[
					session.current
						? 'This logs you out.'
						: 'Its tokens stop working immediately; whoever uses it has to log in again.',
					'plain',
				],
			],
			verb: 'End it',
			busyText: 'Ending …',
		},
		act,
	);
	return [push(model, question)];
}

function endAll(model: Model): Step {
	const question = newConfirmScreen(
		{
			name: 'endSessions',
			kept: 'no session was ended',
			word: plainWord,
			title: 'end all sessions',
			question: 'Log out everywhere?',
			facts: [['All your sessions end immediately, including this one.', 'plain']],
			verb: 'End all',
			busyText: 'Ending …',
		},
		{do: 'logOut', everywhere: true},
	);
	return [push(model, question)];
}
