import {type Organisation, plans} from '../../../contract/organisations.ts';
import {type PlanScreen, pop, setTop} from '../../app/model.ts';
import type {ScreenKind} from '../../app/screen.ts';
import {commandFor} from '../../keymap.ts';

export function newPlanScreen(organisation: Organisation): PlanScreen {
	return {
		type: 'plan',
		organisation,
		choice: Math.max(0, plans.indexOf(organisation.plan)),
		busy: false,
	};
}

export const planKind: ScreenKind<PlanScreen> = {
	title: ({organisation}) => `plan of ${organisation.name}`,
	contexts: () => ['choice', 'cancel'],
	typing: () => true,
	onKey(model, screen, key) {
		if (screen.busy) return [model];
		const {problem: _, ...rest} = screen;
		const move = (by: number) =>
			setTop(model, {...rest, choice: (screen.choice + by + plans.length) % plans.length});
		switch (commandFor(['choice', 'cancel'], key)) {
			case 'down':
				return [move(1)];
			case 'up':
				return [move(-1)];
			case 'cancel':
				return [pop(model)];
			case 'submit': {
				const plan = plans[screen.choice];
				if (plan === undefined || plan === screen.organisation.plan) return [pop(model)];
				return [
					setTop(model, {...rest, busy: true}),
					{do: 'changePlan', organisation: screen.organisation, plan},
				];
			}
			case undefined:
				return [model];
		}
	},
};
