import {healthListOf} from '../../../app/loading.ts';
import type {Model} from '../../../app/model.ts';
import type {HealthScreen} from './screen.ts';

export function newHealthScreen(model: Model): HealthScreen {
	return {type: 'health', list: healthListOf(model), offset: 0};
}
