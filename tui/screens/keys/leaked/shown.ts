import type {FullKey} from '../../../../contract/keys.ts';
import type {Model} from '../../../app/model.ts';
import {hereOf} from './open.ts';
import type {LeakedKeyScreen} from './screen.ts';

/** The key, as it is in the list or else as it was read by itself. */
export function leakedKeyOf(model: Model, screen: LeakedKeyScreen): FullKey | undefined {
	const here = hereOf(model, screen);
	if (here === undefined) return undefined;
	return model.keys.items.find(({id}) => id === here.id) ?? screen.use?.detail;
}

/** In the order in which they are shown: from harmless to final. */
export const waysOut = ['rotate', 'suspend', 'revoke'] as const;
