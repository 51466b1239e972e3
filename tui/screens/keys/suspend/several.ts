import type {FullKey} from '../../../../contract/keys.ts';
import {stateOf} from '../../../api-keys/state.ts';
import type {ListOfKeys} from '../../../app/effect.ts';
import {allowed, changing} from '../../../app/guards.ts';
import type {Model, Step} from '../../../app/model.ts';
import {push, say} from '../../../app/navigation.ts';
import {plural} from '../../../text/plural.ts';
import {newConfirmScreen} from '../../kinds/confirm/state.ts';
import {severalFacts} from '../revoke/state.ts';

/**
 * Asks before several keys are suspended: one by one that is taken back by a key press, together it is
 * not. Those that are suspended are left as they are.
 */
export function startSuspendSeveral(
	model: Model,
	keys: readonly (FullKey & {readonly org_id: string})[],
	reload: ListOfKeys,
	now: number,
): Step {
	const refusal = 'Your role may not suspend keys';
	return changing(model, now, () =>
		allowed(model, now, 'keys:suspend', refusal, () => {
			const some = keys.filter((key) => stateOf(key, now) !== 'suspended');
			if (some.length === 0) {
				return [say(model, now, 'Suspended already; in the list of keys d resumes it')];
			}
			const question = newConfirmScreen(
				{
					name: 'suspendKeys',
					kept: 'no key was suspended',
					undo: 'u resumes all of them again.',
					title: 'suspend',
					question: `Suspend ${plural(some.length, ['key', 'keys'])}?`,
					facts: [
						...severalFacts(some, now),
						['Anything using them gets 401 immediately, until they are resumed.', 'plain'],
					],
					verb: 'Suspend',
					busyText: 'Suspending …',
				},
				{do: 'changeKeys', what: 'suspend', keys: some, reload},
			);
			return [push(model, question)];
		}),
	);
}
