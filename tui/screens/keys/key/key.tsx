import type {KeyScreen} from './screen.ts';
import {Box} from 'ink';
import {keyLabel} from '../../../keyboard/key-names.ts';
import {Line} from '../../../components/line.tsx';
import {Paragraphs} from '../../../components/paragraphs.tsx';
import {plural} from '../../../text/plural.ts';
import {useTheme} from '../../../theme.ts';
import type {ViewProperties} from '../../../app/screen-kind.ts';
import {keyLayout, keyLines} from './lines.ts';

export function KeyView({screen, model, columns}: ViewProperties<KeyScreen>) {
	const {glyphs} = useTheme();
	const lines = keyLines(screen, model, glyphs.bars);
	if (lines === undefined) {
		return (
			<Paragraphs
				text={['', 'This key is not in the list any more. esc goes back.']}
				columns={columns}
			/>
		);
	}
	const {room, lastOffset} = keyLayout(lines.length, model);
	const first = Math.min(screen.offset ?? 0, lastOffset);
	const below = lines.length - first - room;
	return (
		<Box flexDirection="column" flexShrink={0}>
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
