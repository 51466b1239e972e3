import type {Answer} from '../../../app/effect.ts';
import type {Model, Step} from '../../../app/model.ts';
import {setTop, top} from '../../../app/navigation.ts';
import type {ChoiceScreen} from '../../kinds/choice/screen.ts';

/** The result in place of the choice that asked for it; whoever left it there does not want it. */
export function onTested(model: Model, screen: ChoiceScreen, event: Answer): Step | undefined {
	if (event.type !== 'webhookTested' || !screen.busy || top(model) !== screen) return undefined;
	const {endpoint, result} = event;
	return [setTop(model, {type: 'webhookTest', endpoint, result, offset: 0})];
}
