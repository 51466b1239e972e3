import type {KeyPolicyState} from '../../../../contract/key-policies.ts';
import {copy} from '../../../app/copy.ts';
import {load} from '../../../app/loading.ts';
import type {Model, Step} from '../../../app/model.ts';
import {lists} from '../../../app/lists.ts';
import {canChange, may, mayRead, pop, push, say, top} from '../../../app/navigation.ts';
import type {Part} from '../../../components/line.tsx';
import {whoMay} from '../../../people/roles.ts';
import {clean} from '../../../text/clean.ts';
import {wrap} from '../../../text/width.ts';
import type {PageSpec} from '../../kinds/page/spec.ts';
import {keyPolicyBindings} from './bindings.ts';
import {openEditPolicy, startEditPolicy} from './edit.ts';
import {policyLines} from './lines.ts';
import type {PolicyList} from './list.ts';
import {permissionOf, whoseKeys} from './place.ts';
import type {KeyPolicyScreen} from './screen.ts';

export const keyPolicyPage: PageSpec<KeyPolicyScreen, typeof keyPolicyBindings> = {
	title: ({list}) => (list === 'organisationPolicy' ? 'key policy' : 'key policy of the appliance'),
	place: {name: 'key policy', open: (model) => open(model, 'organisationPolicy')},
	list: ({list}) => list,
	context: keyPolicyBindings,
	lines(screen, model, width) {
		const state = stateOf(model, screen);
		return state === undefined
			? unreadLines(model, screen, width)
			: policyLines(state, whoseKeys(model, screen.list), model.now, width);
	},
	unavailable(screen, model) {
		const state = stateOf(model, screen);
		const mayEdit = canChange(model) && may(model, permissionOf(screen.list));
		return [
			...(state !== undefined && mayEdit ? [] : (['edit'] as const)),
			...(may(model, 'key_policy:appliance') ? [] : (['appliance'] as const)),
			...(state === undefined ? (['copy'] as const) : []),
		];
	},
	run(model, screen, command, now) {
		const state = stateOf(model, screen);
		switch (command) {
			case 'edit':
				return startEditPolicy(model, screen.list, now);
			case 'appliance':
				if (!may(model, 'key_policy:appliance')) {
					return [say(model, now, 'Only operators see what the appliance itself asks', 'warning')];
				}
				return open(
					pop(model),
					screen.list === 'organisationPolicy' ? 'appliancePolicy' : 'organisationPolicy',
				);
			case 'copy':
				if (state === undefined) return [model];
				return copy(model, now, 'all of it', JSON.stringify(state, undefined, '\t'));
		}
	},
	onAnswer: (model, screen, event) =>
		event.type === 'policyReadToChange' && top(model) === screen
			? openEditPolicy(model, event.read)
			: undefined,
};

function open(model: Model, list: PolicyList): Step {
	return load(push(model, {type: 'keyPolicy', list, offset: 0}), list);
}

function stateOf(model: Model, {list}: KeyPolicyScreen): KeyPolicyState | undefined {
	return model[list].items[0]?.state;
}

function unreadLines(model: Model, {list}: KeyPolicyScreen, width: number): Part[][] {
	const {status, problem = ''} = model[list];
	const {readers} = lists[list];
	if (readers !== 'everybody' && !mayRead(model, list)) {
		return [[], [[`Only ${whoMay(readers)} read the key policy.`]]];
	}
	if (status !== 'failed') return [[], [['loading …', 'dim']]];
	return [
		[],
		[['The key policy could not be read.', 'bad']],
		...wrap(clean(problem), width).map((line): Part[] => [[line]]),
		[],
		[['Press R to try again.']],
	];
}
