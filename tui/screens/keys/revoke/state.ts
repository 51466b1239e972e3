import type {FullKey, Key} from '../../../../contract/keys.ts';
import type {ConfirmScreen, Question} from '../../kinds/confirm/screen.ts';
import {type Answer, changeOf, type Event, type KeyUse} from '../../../app/effect.ts';
import {reasonMeanings} from '../../../api-keys/reasons.ts';
import {keyChanges} from '../../../api-keys/change-each.ts';
import {stateOf} from '../../../api-keys/state.ts';
import {inUse} from '../../../api-keys/in-use.ts';
import {confirmation, endOfId} from '../../../text/confirmation.ts';
import {clean} from '../../../text/clean.ts';
import {factsOfUse} from '../key/facts-of-use.ts';
import {suspendKey} from '../suspend/effect.ts';
import {suspendQuestion} from '../suspend/question.ts';
import {newConfirmScreen} from '../../kinds/confirm/state.ts';
import {newWhy} from '../../kinds/confirm/why.ts';

/** Says what revoking a key will break; a key in use asks for its name. */
export function newRevokeScreen(key: FullKey, organisation: string, now: number): ConfirmScreen {
	const isInUse = inUse(key, now);
	const word = isInUse ? confirmation(key) : endOfId(key.id);
	return newConfirmScreen(
		{
			name: 'revokeKey',
			kept: 'no key was revoked',
			title: 'revoke',
			question: `Revoke ${clean(key.name)}?`,
			facts: factsOf(key, now),
			verb: 'Revoke',
			busyText: 'Revoking …',
			word,
			ask: isInUse ? 'It is in use. To revoke it, type' : 'To revoke it, type',
			...(word === key.name ? {} : {wordIs: 'the end of its id'}),
			...(stateOf(key, now) === 'suspended'
				? {}
				: {
						milder: {
							verb: 'Suspend instead',
							busyText: 'Suspending …',
							act: suspendKey(key, organisation),
						},
					}),
			why: newWhy(reasonMeanings),
		},
		changeOf(
			'revokeKey',
			{org_id: organisation, key_id: key.id},
			{
				done: `Revoked ${clean(key.name)}: it is refused`,
				tellsWhere: true,
				reload: 'keys',
				revoked: key.id,
				missing: 'This key was revoked already, or is gone',
				unknown: 'It is not known whether the key is revoked: look at the list.',
			},
		),
	);
}

function factsOf(key: Key, now: number, use?: KeyUse): Question['facts'] {
	return [
		...factsOfUse(key, now, use),
		[
			'Anything using it gets 401 immediately. A revoked key cannot be brought back; one that is suspended can.',
			'plain',
		],
	];
}

/** Takes up in a question how the key was used, or how many of several keys are revoked. */
export function hearOfRevoking(
	screen: ConfirmScreen,
	event: Answer | Extract<Event, {type: 'failed'}>,
	now: number,
): ConfirmScreen {
	if (event.type === 'keyRead') return withUse(screen, event.use, now);
	const {act} = screen;
	if (event.type !== 'keysChanging') return screen;
	if (act.do !== 'changeKeys' && act.do !== 'changeRows') return screen;
	const all = act.do === 'changeKeys' ? act.keys : act.rows;
	const [done, of] = [event.done, all.length].map((count) => count.toLocaleString('en'));
	const {doing} = act.do === 'changeKeys' ? keyChanges[act.what] : act.words;
	return {...screen, busyText: `${doing} … ${done} of ${of}`};
}

function withUse(screen: ConfirmScreen, use: KeyUse, now: number): ConfirmScreen {
	const {act, name} = screen;
	if (act.do !== 'change' || !('key_id' in act.change.input)) return screen;
	if (act.change.input.key_id !== use.detail.id) return screen;
	if (name === 'revokeKey') return {...screen, facts: factsOf(use.detail, now, use)};
	if (name !== 'suspendKey') return screen;
	return {...screen, facts: suspendQuestion(use.detail, now, use).facts};
}
