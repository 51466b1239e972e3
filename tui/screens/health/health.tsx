import type {HealthScreen} from '../../app/model.ts';
import {Lines} from '../../components/lines.tsx';
import {Paragraphs} from '../../components/paragraphs.tsx';
import {clean} from '../../text/clean.ts';
import type {ViewProperties} from '../view.ts';
import {reportOf, shownLines} from './state.ts';

export function HealthView({screen, model, columns, rows}: ViewProperties<HealthScreen>) {
	if (reportOf(model, screen) === undefined) {
		const {status, problem} = model[screen.list];
		const text =
			status === 'failed'
				? ([
						['How the appliance is could not be read.', 'bad'],
						clean(problem ?? ''),
						'',
						'Press R to try again.',
					] as const)
				: ([['loading …', 'dim']] as const);
		return <Paragraphs text={['', ...text]} columns={columns} />;
	}
	const lines = shownLines(model, screen);
	return <Lines lines={lines} offset={screen.offset} columns={columns} rows={rows} />;
}
