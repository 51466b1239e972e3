import type {OutcomesScreen} from './screen.ts';
import {keyChanges, type KeyOutcome} from '../../../api-keys/change-each.ts';
import {Line} from '../../../components/line.tsx';
import {clean} from '../../../text/clean.ts';
import type {Role} from '../../../theme.ts';
import type {ViewProperties} from '../../../app/screen-kind.ts';

const signs: Record<KeyOutcome['outcome'], readonly [string, Role]> = {
	revoked: ['revoked', 'good'],
	suspended: ['suspended', 'good'],
	failed: ['! failed', 'bad'],
	'not tried': ['not tried', 'warning'],
};

/** What became of each of several keys. */
export function OutcomesView({screen, columns, rows}: ViewProperties<OutcomesScreen>) {
	const {what, outcomes, offset} = screen;
	const {done} = keyChanges[what];
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
					parts={[
						[` ${signs[outcome][0].padEnd(10)} `, signs[outcome][1]],
						[`${clean(key.name)} `],
						[clean(detail), 'dim'],
					]}
					columns={columns}
				/>
			))}
		</>
	);
}
