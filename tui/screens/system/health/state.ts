import {healthBindings} from './bindings.ts';
import {copy} from '../../../app/copy.ts';
import type {HealthReport} from './list.ts';
import type {Model} from '../../../app/model.ts';
import type {HealthScreen} from './screen.ts';
import type {Part} from '../../../components/line.tsx';
import {clean} from '../../../text/clean.ts';
import {wrap} from '../../../text/width.ts';
import type {PageSpec} from '../../kinds/page/spec.ts';
import {load} from '../../../app/loading.ts';
import {push} from '../../../app/navigation.ts';
import {newHealthScreen} from './open.ts';
import {healthLines} from './lines.ts';

export const healthPage: PageSpec<HealthScreen, typeof healthBindings> = {
	title: () => 'health',
	place: {
		name: 'health',
		command: 'showHealth',
		open(model) {
			const screen = newHealthScreen(model);
			return load(push(model, screen), screen.list);
		},
	},
	list: ({list}) => list,
	context: healthBindings,
	lines(screen, model, width) {
		const report = reportOf(model, screen);
		return report === undefined
			? unreadLines(model, screen, width)
			: healthLines(report, model.now, width, oldSince(model, screen));
	},
	unavailable: (screen, model) => (reportOf(model, screen) === undefined ? ['copy'] : []),
	run(model, screen, _command, now) {
		const report = reportOf(model, screen);
		if (report === undefined) return [model];
		const {system, checks} = report;
		const all = system === undefined ? report : {...system, ...(checks && {checks})};
		const text = JSON.stringify(all, undefined, '\t');
		return copy(model, now, 'all of it', text);
	},
};

function reportOf(model: Model, {list}: HealthScreen): HealthReport | undefined {
	return model[list].items[0];
}

/** When what is shown was read, where reading it again has failed. */
function oldSince(model: Model, {list}: HealthScreen): number | undefined {
	const {problem, loadedAt} = model[list];
	return problem === undefined ? undefined : loadedAt;
}

function unreadLines(model: Model, {list}: HealthScreen, width: number): Part[][] {
	const {status, problem = ''} = model[list];
	if (status !== 'failed') return [[], [['loading …', 'dim']]];
	return [
		[],
		[['How the appliance is could not be read.', 'bad']],
		...wrap(clean(problem), width).map((line): Part[] => [[line]]),
		[],
		[['Press R to try again.']],
	];
}
