import type {Model} from '../../../app/model.ts';
import {may} from '../../../app/navigation.ts';
import type {HealthScreen} from './screen.ts';

/** Operators see all of the appliance; others what everybody may ask. */
export function newHealthScreen(model: Model): HealthScreen {
	const list = may(model, 'system:read') ? 'system' : 'readiness';
	return {type: 'health', list, offset: 0};
}
