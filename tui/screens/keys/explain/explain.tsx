import {Box} from 'ink';
import {useFields} from '../../../api-keys/explanation.ts';
import type {ViewProperties} from '../../../app/screen-kind.ts';
import {FormView} from '../../../components/form/form.tsx';
import {Line, type Part} from '../../../components/line.tsx';
import {keyLabel} from '../../../keyboard/key-names.ts';
import {clean} from '../../../text/clean.ts';
import {plural} from '../../../text/plural.ts';
import {useTheme} from '../../../theme.ts';
import {explainLayout, explainLines, fieldRows, hasAir} from './lines.ts';
import type {ExplainScreen} from './screen.ts';

const notes = Object.fromEntries(
	Object.entries(useFields).map(([name, {example}]) => [name, example]),
);

export function ExplainView({screen, model, columns}: ViewProperties<ExplainScreen>) {
	const {glyphs} = useTheme();
	const lines = explainLines(screen, model, glyphs);
	const {room, lastOffset} = explainLayout(screen, model);
	const first = Math.min(screen.offset ?? 0, lastOffset);
	const below = lines.length - first - room;
	const heading: Part = [` Would this use of ${clean(screen.name)} be accepted?`, 'strong'];
	const air = hasAir(model) ? [<Line key="air" parts={[]} columns={columns} />] : [];
	return (
		<Box flexDirection="column" flexShrink={0}>
			{air}
			<Line
				parts={[heading]}
				right={columns < 80 ? [] : [['what is not known stays empty ', 'dim']]}
				columns={columns}
			/>
			{air}
			<Box flexDirection="column" height={fieldRows} flexShrink={0}>
				<FormView form={screen.form} columns={columns} rows={fieldRows} busyText="" notes={notes} />
			</Box>
			{lines.slice(first, first + room).map((parts, index) => (
				<Line key={first + index} parts={[[' '], ...parts]} columns={columns} />
			))}
			{lastOffset > 0 && (
				<Line
					parts={[[below > 0 ? moreText(below) : ` ${keyLabel('pageup')} goes back up`, 'warning']]}
					columns={columns}
				/>
			)}
		</Box>
	);
}

function moreText(below: number): string {
	return ` ! ${plural(below, ['more line', 'more lines'])}: ${keyLabel('pagedown')} shows them`;
}
