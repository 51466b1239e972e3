import type {Maker} from '../../../api-keys/left.ts';
import type {Model, Step} from '../../../app/model.ts';
import {openList} from '../../kinds/list/open.ts';
import {queryOf} from './maker.ts';

/** The live keys that somebody made, on top of what is shown. */
export function openKeysLeft(model: Model, maker: Maker): Step {
	return openList(model, 'keysLeft', undefined, queryOf(maker));
}
