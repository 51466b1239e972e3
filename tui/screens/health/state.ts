import {type HealthReport, type HealthScreen, type Model, say} from '../../app/model.ts';
import type {Part} from '../../components/line.tsx';
import {clean} from '../../text/clean.ts';
import {wrap} from '../../text/width.ts';
import type {PageSpec} from '../page/spec.ts';
import {healthLines} from './lines.ts';

export const healthPage: PageSpec<HealthScreen, 'health'> = {
	title: () => 'health',
	context: 'health',
	lines(screen, model, width) {
		const report = reportOf(model, screen);
		return report === undefined
			? unreadLines(model, screen, width)
			: healthLines(report, model.now, width);
	},
	unavailable: (screen, model) => (reportOf(model, screen) === undefined ? ['copy'] : []),
	run(model, screen, _command, now) {
		const report = reportOf(model, screen);
		if (report === undefined) return [model];
		const text = JSON.stringify(report.system ?? report, undefined, '\t');
		return [say(model, now, "Sent all of it to the terminal's clipboard"), {do: 'copy', text}];
	},
};

function reportOf(model: Model, {list}: HealthScreen): HealthReport | undefined {
	return model[list].items[0];
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
