import {Box} from 'ink';
import {useFields} from '../../../api-keys/explanation.ts';
import type {ViewProperties} from '../../../app/screen-kind.ts';
import {FormView} from '../../../components/form/form.tsx';
import {Line, type Part} from '../../../components/line.tsx';
import {ScrolledLines} from '../../../components/scrolled-lines.tsx';
import {clean} from '../../../text/clean.ts';
import {useTheme} from '../../../theme.ts';
import {explainLayout, explainLines, fieldRows, hasAir} from './lines.ts';
import type {ExplainScreen} from './screen.ts';

const notes = Object.fromEntries(
	Object.entries(useFields).map(([name, {example}]) => [name, example]),
);

export function ExplainView({screen, model, columns}: ViewProperties<ExplainScreen>) {
	const {glyphs} = useTheme();
	const lines = explainLines(screen, model, glyphs);
	const heading: Part = [` Would this use of ${clean(screen.name)} be accepted?`, 'strong'];
	const air = hasAir(model) ? [<Line key="air" parts={[]} columns={columns} />] : [];
	return (
		<Box flexDirection="column" flexShrink={0}>
			{air}
			<Line
				parts={[heading]}
				right={columns < 80 ? [] : [['leave empty what you do not know ', 'dim']]}
				columns={columns}
			/>
			{air}
			<Box flexDirection="column" height={fieldRows} flexShrink={0}>
				<FormView form={screen.form} columns={columns} rows={fieldRows} busyText="" notes={notes} />
			</Box>
			<ScrolledLines
				lines={lines}
				offset={screen.offset}
				layout={explainLayout(screen, model)}
				columns={columns}
			/>
		</Box>
	);
}
