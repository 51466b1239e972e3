import type {Model, Step} from '../../../app/model.ts';
import {may, push, say} from '../../../app/navigation.ts';
import {useFields} from '../../../api-keys/explanation.ts';
import {formOf} from '../../../components/form/state.ts';
import {fieldOf} from '../../../components/text-field/state.ts';
import {askWhy} from './ask.ts';
import type {ExplainScreen} from './screen.ts';

/** Whether asking would be more than a refusal. */
export function mayExplain(model: Model, key: {id: string} | undefined): boolean {
	return key !== undefined && model.link.state !== 'offline' && may(model, 'keys:read');
}

/**
 * Asks whether a use of a key would be accepted, with what was said of the use that was asked about last.
 *
 * @param address from where it was used, where that is known
 */
export function startExplain(
	model: Model,
	key: {readonly id: string; readonly name: string} | undefined,
	now: number,
	address?: string,
): Step {
	if (key === undefined) return [model];
	if (!may(model, 'keys:read'))
		return [say(model, now, 'Your role may not look at keys', 'warning')];
	if (model.link.state === 'offline') {
		return [say(model, now, 'Server unreachable: nothing can be asked', 'warning')];
	}
	const known = {...model.lastUse, ...(address === undefined ? {} : {ip: address})};
	const fields = Object.entries(useFields).map(([name, {label}]) => {
		const {[name]: text = ''} = known as Readonly<Record<string, string>>;
		return {name, label, value: fieldOf(text)};
	});
	const {id, name} = key;
	const screen: ExplainScreen = {type: 'explain', id, name, form: formOf(fields)};
	return askWhy(push(model, screen), screen);
}
