import {type HealthScreen, may, type Model} from '../../app/model.ts';

/** Operators see all of the appliance; others what everybody may ask. */
export function newHealthScreen(model: Model): HealthScreen {
	const list = may(model, 'system:read') ? 'system' : 'readiness';
	return {type: 'health', list, offset: 0};
}
