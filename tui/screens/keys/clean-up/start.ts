import type {FullKey} from '../../../../contract/keys.ts';
import type {ListOfKeys} from '../../../app/effect.ts';
import {reasonMeanings} from '../../../api-keys/reasons.ts';
import {changing} from '../../../app/guards.ts';
import type {Model, Step} from '../../../app/model.ts';
import {canChange, may, push, say} from '../../../app/navigation.ts';
import {emptyField} from '../../../components/text-field/state.ts';
import {newWhy} from '../../kinds/confirm/why.ts';
import {reached} from './facts.ts';
import {type CleanUpScreen, type CleanUpVerb, cleanUpVerbs, type MarkedKey} from './screen.ts';

/** Whether cleaning up keys would be more than a refusal. */
export function mayCleanUp(model: Model): boolean {
	return canChange(model) && verbsOf(model).length > 0;
}

function verbsOf(model: Model): CleanUpVerb[] {
	return cleanUpVerbs.filter((verb) => may(model, `keys:${verb}`));
}

/** Asks before keys are suspended or revoked together, with all of them in the question. */
export function startCleanUp(
	model: Model,
	keys: readonly MarkedKey[],
	reload: ListOfKeys,
	now: number,
): Step {
	return changing(model, now, () => {
		const verbs = verbsOf(model);
		const [first] = verbs;
		if (first === undefined) {
			return [say(model, now, 'Your role may not suspend or revoke keys', 'warning')];
		}
		const dropped: ReadonlySet<string> = new Set();
		const verb = verbs.find((each) => reached({keys, dropped, verb: each}, now).length > 0);
		if (verb === undefined) {
			const why = verbs.length > 1 ? 'suspended already, and protected' : 'they stay as they are';
			return [say(model, now, `Nothing can be done to the marked keys: ${why}`, 'warning')];
		}
		const screen: CleanUpScreen = {
			type: 'cleanUp',
			keys,
			reload,
			verbs,
			verb,
			dropped,
			focus: 'word',
			index: 0,
			offset: 0,
			why: newWhy(reasonMeanings),
			word: emptyField,
		};
		const {organisation, epoch} = model;
		// Of somebody's keys it is known whose they are.
		return organisation === undefined || reload === 'keysLeft'
			? [push(model, screen)]
			: [push(model, screen), {do: 'readKeysOfLeavers', organisation: organisation.id, epoch}];
	});
}

/** Keys of the organisation that one works in, as the question takes them. */
export function ofOrganisation({organisation}: Model, keys: readonly FullKey[]): MarkedKey[] {
	return keys.map((key) => ({...key, org_id: organisation?.id ?? ''}));
}
