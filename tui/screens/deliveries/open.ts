import {load, type Model, narrow, push, type Step} from '../../app/model.ts';
import {newListScreen} from '../list/rows.ts';

/** The deliveries of one endpoint, or of all. */
export function openDeliveries(model: Model, endpoint?: string): Step {
	const scope = endpoint === undefined ? undefined : {endpoint_id: endpoint};
	const narrowed = narrow(model, 'deliveries', scope);
	return load(push(narrowed, newListScreen(narrowed, 'deliveries')), 'deliveries');
}
