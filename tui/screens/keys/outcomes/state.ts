import {outcomesBindings} from './bindings.ts';
import {keymap} from '../../../keyboard/keymap.ts';
import {bodyRows, pop, setTop} from '../../../app/navigation.ts';
import type {ScreenKind} from '../../../app/screen-kind.ts';
import {moveTable} from '../../../components/table/state.ts';
import {commandFor} from '../../../keyboard/keymap.ts';
import type {OutcomesScreen} from './screen.ts';

const contexts = [
	outcomesBindings,
	keymap.list,
	keymap.back,
	keymap.screens,
	keymap.everywhere,
] as const;

/** What became of each of several keys, or other rows. */
export const outcomesKind: ScreenKind<OutcomesScreen> = {
	title: ({done}) => done,
	contexts: () => contexts,
	typing: () => false,
	view: async () => (await import('./outcomes.tsx')).OutcomesView,
	onKey(model, screen, key) {
		if (commandFor([outcomesBindings], key) === 'close') return [pop(model)];
		const command = commandFor([keymap.list], key);
		if (command === undefined) return undefined;
		const rows = screen.outcomes.map(({key: {id}}) => ({id}));
		const height = bodyRows(model) - 2;
		const {index} = moveTable({index: screen.offset, offset: 0}, rows, height, command);
		const offset = Math.max(0, Math.min(index, rows.length - height));
		return [setTop(model, {...screen, offset})];
	},
};
