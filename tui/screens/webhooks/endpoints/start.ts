import type {Endpoint} from '../../../../contract/webhooks.ts';
import {may, push, say} from '../../../app/navigation.ts';
import type {Screen} from '../../../app/screens.ts';
import type {Model, Step} from '../../../app/model.ts';
import {newTestChoice} from '../send-test/choice.ts';

/** The organisation whose endpoints one may manage. */
export function manages(model: Model): string | undefined {
	return may(model, 'webhooks:manage') ? model.organisation?.id : undefined;
}

export function mayNot(model: Model, now: number): Model {
	const text =
		model.organisation === undefined
			? 'Choose an organisation first: 3'
			: 'Only owners and admins manage webhooks';
	return say(model, now, text, 'warning');
}

/** Opens a screen for managing endpoints, or says who may do that. */
export function managing(model: Model, now: number, then: (organisation: string) => Screen): Step {
	const organisation = manages(model);
	return [organisation === undefined ? mayNot(model, now) : push(model, then(organisation))];
}

export function startTest(model: Model, endpoint: Endpoint, now: number): Step {
	return managing(model, now, (organisation) => newTestChoice(endpoint, organisation));
}
