import type {Model, Step} from '../../../app/model.ts';
import {openList} from '../../kinds/list/open.ts';

/** The deliveries of one endpoint, or of all. */
export function openDeliveries(model: Model, endpoint?: string): Step {
	return openList(
		model,
		'deliveries',
		undefined,
		endpoint === undefined ? undefined : {endpoint_id: endpoint},
	);
}
