import type {KeyDetail} from '../../../../contract/keys.ts';
import type {Proposal} from '../../../app/effect.ts';
import type {Form} from '../../../components/form/shape.ts';
import {fieldOf} from '../../../components/text-field/state.ts';
import {textsOf} from './fields.ts';

/**
 * The form of a key with what is proposed filled in, as if somebody had typed it; the cursor is in the
 * field that it is about.
 */
export function withProposal(form: Form, key: KeyDetail, {body, field}: Proposal): Form {
	const texts = textsOf({...key, ...body} as KeyDetail);
	const fields = form.fields.map((each) => {
		const {[each.name]: text} = texts;
		return each.name in body && text !== undefined ? {...each, text: fieldOf(text)} : each;
	});
	const focus = fields.findIndex(({name}) => name === (field ?? Object.keys(body)[0]));
	return {...form, fields, focus: Math.max(0, focus)};
}
