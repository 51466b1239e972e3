import type {KeyScreen} from './screen.ts';
import {Paragraphs} from '../../../components/paragraphs.tsx';
import {ScrolledLines} from '../../../components/scrolled-lines.tsx';
import {useTheme} from '../../../theme.ts';
import type {ViewProperties} from '../../../app/screen-kind.ts';
import {keyLayout, keyLines} from './lines.ts';

export function KeyView({screen, model, columns}: ViewProperties<KeyScreen>) {
	const {glyphs} = useTheme();
	const lines = keyLines(screen, model, glyphs);
	if (lines === undefined) {
		return (
			<Paragraphs
				text={['', 'This key is not in the list any more. esc goes back.']}
				columns={columns}
			/>
		);
	}
	return (
		<ScrolledLines
			lines={lines}
			offset={screen.offset}
			layout={keyLayout(lines.length, model)}
			columns={columns}
		/>
	);
}
