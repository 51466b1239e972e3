import type {Organisation} from '../../contract/organisations.ts';
import {homeList, newHomeScreen} from './home.ts';
import {enter, identify} from './navigation.ts';
import {load} from './loading.ts';
import type {Model, Step} from './model.ts';

/** Goes to work in another organisation; one's role may be another there. */
export function enterOrganisation(model: Model, organisation: Organisation): Step {
	if (organisation.id === model.organisation?.id)
		return [{...model, screens: model.screens.slice(0, 1)}];
	const entered = enter(model, organisation);
	const [next, ...effects] = load({...entered, screens: [newHomeScreen(entered)]}, homeList);
	return [next, ...effects, identify(next)];
}
