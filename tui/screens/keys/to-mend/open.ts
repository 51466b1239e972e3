import type {KeyFinding} from '../../../../contract/key-hygiene.ts';
import {load} from '../../../app/loading.ts';
import type {Model, Step} from '../../../app/model.ts';
import {openList} from '../../kinds/list/open.ts';

/**
 * The keys of which something is found, on top of what is shown, with the numbers that their counts were
 * asked with. What is done to them is asked about by the list of keys, which may be of long ago.
 */
export function openKeysToMend(model: Model, finding: KeyFinding | 'any'): Step {
	const query = {...model.queries.keyHygiene, ...(finding === 'any' ? {} : {finding})};
	const scope = Object.keys(query).length === 0 ? undefined : query;
	const [opened, ...effects] = openList(model, 'keysToMend', undefined, scope);
	const [next, ...more] = load(opened, 'keys');
	return [next, ...effects, ...more];
}
