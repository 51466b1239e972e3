import type {Organisation} from '../../../contract/organisations.ts';
import {commonCommand, commonContexts, changing} from '../../app/common-commands.ts';
import {
	canChange,
	enter,
	load,
	may,
	type Model,
	type OrganisationsScreen,
	push,
	say,
	setTop,
	type Step,
	tableHeight,
} from '../../app/model.ts';
import type {ScreenKind} from '../../app/screen.ts';
import {moveTable} from '../../components/table/state.ts';
import {belongsTo, type CommandOf, commandFor} from '../../keymap.ts';
import {newCreateOrganisationScreen} from '../create-organisation/state.ts';
import {newKeysScreen} from '../keys/rows.ts';
import {copyId} from '../keys/state.ts';
import {newPlanScreen} from '../plan/state.ts';

const contexts = ['organisations', 'list', 'back', 'screens', 'everywhere'] as const;

export const organisationsKind: ScreenKind<OrganisationsScreen> = {
	title: () => 'organisations',
	contexts: () => contexts,
	typing: () => false,
	unavailable: (_screen, model) => [
		...(canChange(model) && may(model, 'organisations:create')
			? []
			: (['createOrganisation'] as const)),
		...(canChange(model) && may(model, 'organisation:plan') ? [] : (['plan'] as const)),
	],
	onKey(model, screen, key, now) {
		const command = commandFor(contexts, key);
		return command === undefined ? [model] : run(model, screen, command, now);
	},
};

function run(
	model: Model,
	screen: OrganisationsScreen,
	command: CommandOf<(typeof contexts)[number]>,
	now: number,
): Step {
	const rows = model.organisations.items;
	const organisation = rows[screen.table.index];
	if (belongsTo(['list'], command)) {
		const table = moveTable(screen.table, rows, tableHeight(model), command);
		return [setTop(model, {...screen, table})];
	}
	if (belongsTo(commonContexts, command)) return commonCommand(model, command, now);
	switch (command) {
		case 'choose':
			return organisation === undefined ? [model] : choose(model, organisation);
		case 'createOrganisation':
			return changing(model, now, () =>
				may(model, 'organisations:create')
					? [push(model, newCreateOrganisationScreen())]
					: [say(model, now, 'Only operators create organisations', 'warning')],
			);
		case 'plan':
			if (organisation === undefined) return [model];
			return changing(model, now, () =>
				may(model, 'organisation:plan')
					? [push(model, newPlanScreen(organisation))]
					: [say(model, now, 'Only operators change plans', 'warning')],
			);
		case 'copy':
			return organisation === undefined ? [model] : copyId(model, organisation.id, now);
	}
}

/** Goes to work in another organisation; one's role may be another there. */
function choose(model: Model, organisation: Organisation): Step {
	if (organisation.id === model.organisation?.id)
		return [{...model, screens: model.screens.slice(0, 1)}];
	const entered = enter(model, organisation);
	const [next, ...effects] = load({...entered, screens: [newKeysScreen(entered)]}, 'keys');
	return [next, ...effects, {do: 'identify', organisation: organisation.id, epoch: next.epoch}];
}
