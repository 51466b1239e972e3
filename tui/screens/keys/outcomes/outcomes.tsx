import type {OutcomesScreen} from './screen.ts';
import {Line} from '../../../components/line.tsx';
import {clean} from '../../../text/clean.ts';
import type {Role} from '../../../theme.ts';
import type {ViewProperties} from '../../../app/screen-kind.ts';

/** What was done is good; these are not. */
const signs: Readonly<Record<string, readonly [string, Role]>> = {
	failed: ['! failed', 'bad'],
	'not tried': ['not tried', 'warning'],
};

/** What became of each of several keys. */
export function OutcomesView({screen, columns, rows}: ViewProperties<OutcomesScreen>) {
	const {done, outcomes, offset} = screen;
	const count = outcomes.filter(({outcome}) => outcome === done).length;
	return (
		<>
			<Line
				parts={[[` ${count} of ${outcomes.length} were ${done}`, 'strong']]}
				columns={columns}
			/>
			<Line parts={[]} columns={columns} />
			{outcomes.slice(offset, offset + rows - 2).map(({key, outcome, detail = ''}) => (
				<Line
					key={key.id}
					parts={[signed(outcome), [`${clean(key.name)} `], [clean(detail), 'dim']]}
					columns={columns}
				/>
			))}
		</>
	);
}

function signed(outcome: string): [string, Role] {
	const [text, role] = signs[outcome] ?? [outcome, 'good'];
	return [` ${text.padEnd(10)} `, role];
}
