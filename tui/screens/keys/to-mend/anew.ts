import {requery} from '../../../app/loading.ts';
import type {Model, Step} from '../../../app/model.ts';

/**
 * Reads what is found of keys again: after a change of one all of it may be another. The counts are read
 * once they are seen.
 */
export function hygieneAnew(model: Model): Step {
	const counts = {...model.keyHygiene, nextAt: 0};
	return requery({...model, keyHygiene: counts}, 'keysToMend', model.queries.keysToMend);
}
