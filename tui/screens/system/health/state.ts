import {healthBindings} from './bindings.ts';
import {copy} from '../../../app/copy.ts';
import type {HealthReport} from './list.ts';
import type {Model} from '../../../app/model.ts';
import type {HealthScreen} from './screen.ts';
import type {Part} from '../../../components/line.tsx';
import type {PageSpec} from '../../kinds/page/spec.ts';
import {load, oldFor} from '../../../app/loading.ts';
import {push} from '../../../app/navigation.ts';
import {newHealthScreen} from './open.ts';
import {healthHalves, healthLines, paragraph} from './lines.ts';

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
	halves(screen, model, halves) {
		const report = reportOf(model, screen);
		return report === undefined
			? undefined
			: healthHalves(report, model.now, halves, oldSince(model, screen));
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

/** When what is shown was read, where that is not how it is now. */
function oldSince(model: Model, {list}: HealthScreen): number | undefined {
	const {problem, loadedAt} = model[list];
	const isOld = problem !== undefined || oldFor(model[list], model.now) !== undefined;
	return isOld || model.link.state === 'offline' ? loadedAt : undefined;
}

function unreadLines(model: Model, {list}: HealthScreen, width: number): (readonly Part[])[] {
	const {status, problem = ''} = model[list];
	const {link} = model;
	if (link.state === 'offline') {
		return [
			[],
			...paragraph('x The server does not answer.', width, 'bad'),
			...paragraph(`Why: ${link.reason}. Nothing else is known of the appliance.`, width),
			[],
			...paragraph(
				'See whether the machine is up and `latchkey doctor` there. R tries again at once.',
				width,
			),
		];
	}
	if (status !== 'failed') return [[], [['loading …', 'dim']]];
	return [
		[],
		[['Health could not be read.', 'bad']],
		...paragraph(problem, width),
		[],
		[['Press R to try again.']],
	];
}
