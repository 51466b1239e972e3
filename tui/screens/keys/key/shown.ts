import type {FullKey} from '../../../../contract/keys.ts';
import type {Model} from '../../../app/model.ts';
import type {KeyScreen} from './screen.ts';

/** The key on a screen, as long as it is in the list. */
export function keyOf(model: Model, {id, use}: KeyScreen): FullKey | undefined {
	// Before the list is here, what was read of the key alone tells as much.
	return model.keys.items.find((key) => key.id === id) ?? use?.detail;
}
