import type {FullKey, Key} from '../../../../contract/keys.ts';
import type {KeyUse, ListOfKeys} from '../../../app/effect.ts';
import {changeOf} from '../../../app/effect.ts';
import {clean} from '../../../text/clean.ts';
import {plural} from '../../../text/plural.ts';
import type {ConfirmScreen, Question} from '../../kinds/confirm/screen.ts';
import {newConfirmScreen} from '../../kinds/confirm/state.ts';
import {factsOfUse} from '../key/facts-of-use.ts';
import {suspendKey} from './effect.ts';

/* What is asked before keys are suspended or resumed: a letter alone does neither. */

export function suspendQuestion(key: Key, now: number, use?: KeyUse): Question {
	return {
		name: 'suspendKey',
		title: 'suspend',
		question: `Suspend ${clean(key.name)}?`,
		facts: [
			...factsOfUse(key, now, use),
			['Anything using it gets 401 immediately, until it is resumed.', 'plain'],
		],
		undo: 'd or u resumes it.',
		verb: 'Suspend',
		busyText: 'Suspending …',
		kept: 'no key was suspended',
	};
}

export function newSuspendQuestion(key: FullKey, org_id: string, now: number): ConfirmScreen {
	return newConfirmScreen(suspendQuestion(key, now), suspendKey(key, org_id));
}

export function newResumeQuestion({id, name}: FullKey, org_id: string): ConfirmScreen {
	const shown = clean(name);
	return newConfirmScreen(
		{
			name: 'resumeKey',
			title: 'resume',
			question: `Resume ${shown}?`,
			facts: [['It is accepted again, everywhere, with what it carries.', 'plain']],
			undo: 'd suspends it again.',
			verb: 'Resume',
			busyText: 'Resuming …',
			kept: `${shown} is still suspended`,
		},
		changeOf(
			'resumeKey',
			{org_id, key_id: id, body: {}},
			{
				done: `Resumed ${shown}: accepted`,
				tellsWhere: true,
				undo: 'd suspends it again',
				reload: 'keys',
				missing: 'This key is gone',
			},
		),
	);
}

/** How many of the keys are named in the question. */
const named = 10;

export function newResumeSeveralQuestion(
	keys: readonly FullKey[],
	org_id: string,
	reload: ListOfKeys,
): ConfirmScreen {
	const more = keys.length - named;
	return newConfirmScreen(
		{
			name: 'resumeKeys',
			title: 'resume',
			question: `Resume ${plural(keys.length, ['key', 'keys'])} that were suspended together?`,
			facts: [
				...keys.slice(0, named).map(({name}) => [clean(name), 'dim'] as const),
				...(more > 0 ? [[`and ${more.toLocaleString('en')} more`, 'dim'] as const] : []),
				['They are accepted again, everywhere, with what they carry.', 'plain'],
			],
			undo: 'Marking them and d suspends them again.',
			verb: 'Resume',
			busyText: 'Resuming …',
			kept: 'the keys are still suspended',
		},
		{do: 'changeKeys', what: 'resume', keys: keys.map((key) => ({...key, org_id})), reload},
	);
}
