import {explainKeyRequest} from '../../../../contract/verification.ts';
import {requestOfUse} from '../../../api-keys/explanation.ts';
import type {Model, Step} from '../../../app/model.ts';
import {setTop} from '../../../app/navigation.ts';
import {reduceForm, valuesOf, type Validate} from '../../../components/form/state.ts';
import {problemsOf} from '../../kinds/form/problems.ts';
import type {ExplainScreen} from './screen.ts';

/** As the server does. */
export const validateUse: Validate = (values) =>
	problemsOf(explainKeyRequest.safeParse(requestOfUse(values)));

/** Asks about the use that is in the fields, unless that is under way or something is wrong with it. */
export function askWhy(model: Model, screen: ExplainScreen): Step {
	const {organisation, epoch} = model;
	if (screen.asking !== undefined || organisation === undefined) return [model];
	const form = reduceForm(screen.form, {type: 'send'}, validateUse);
	if (!form.busy) return [setTop(model, {...screen, form})];
	const {problem: _, ...rest} = screen;
	const asking = valuesOf(form);
	return [
		setTop({...model, lastUse: asking}, {...rest, form: {...form, busy: false}, asking}),
		{do: 'explainKey', organisation: organisation.id, id: screen.id, use: asking, epoch},
	];
}
