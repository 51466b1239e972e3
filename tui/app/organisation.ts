import type {Organisation} from '../../contract/organisations.ts';
import {newKeysScreen} from '../screens/keys/rows.ts';
import {enter, identify, load, type Model, type Step} from './model.ts';

/** Goes to work in another organisation; one's role may be another there. */
export function enterOrganisation(model: Model, organisation: Organisation): Step {
	if (organisation.id === model.organisation?.id)
		return [{...model, screens: model.screens.slice(0, 1)}];
	const entered = enter(model, organisation);
	const [next, ...effects] = load({...entered, screens: [newKeysScreen(entered)]}, 'keys');
	return [next, ...effects, identify(next)];
}
