import {type Plan, plans} from '../../../contract/organisations.ts';
import type {PlanScreen} from '../../app/model.ts';
import {Line} from '../../components/line.tsx';
import {Paragraphs} from '../../components/paragraphs.tsx';
import {clean} from '../../text/clean.ts';
import {useTheme} from '../../theme.ts';
import type {ViewProperties} from '../view.ts';

const meanings: Record<Plan, string> = {
	free: 'no API keys; keys made before are refused',
	pro: 'no API keys; keys made before are refused',
	team: 'API keys',
};

export function PlanView({screen, columns}: ViewProperties<PlanScreen>) {
	const {glyphs} = useTheme();
	const {organisation, choice, busy, problem} = screen;
	return (
		<>
			<Paragraphs
				columns={columns}
				text={['', [`Plan of ${clean(organisation.name)}`, 'strong'], '']}
			/>
			{plans.map((plan, index) => {
				const selected = index === choice;
				const now = plan === organisation.plan ? ' (now)' : '';
				return (
					<Line
						key={plan}
						parts={[
							[` ${selected ? glyphs.marker : ' '} ${plan.padEnd(6)}${meanings[plan]}${now}`],
						]}
						columns={Math.min(columns, 70)}
						{...(selected ? {role: 'selected' as const} : {})}
					/>
				);
			})}
			<Paragraphs
				columns={columns}
				text={[
					'',
					busy ? ['Changing the plan …', 'dim'] : '',
					problem === undefined ? '' : [`! ${clean(problem)}`, 'bad'],
				]}
			/>
		</>
	);
}
