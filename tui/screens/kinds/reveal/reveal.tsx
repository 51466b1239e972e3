import {Box} from 'ink';
import type {RevealScreen} from './screen.ts';
import {Line} from '../../../components/line.tsx';
import {Paragraphs} from '../../../components/paragraphs.tsx';
import {TextFieldView} from '../../../components/text-field/text-field.tsx';
import {clean} from '../../../text/clean.ts';
import type {ViewProperties} from '../../../app/screen-kind.ts';
import {proofLength} from './screen.ts';

/** The secret alone on its line from the first column, so that a triple click takes exactly it. */
export function RevealView({screen, columns}: ViewProperties<RevealScreen>) {
	const {secret, what, advice, leaving, text, wrong} = screen;
	if (leaving) {
		return (
			<>
				<Paragraphs
					columns={columns}
					text={['', [`Is the ${what} stored? It is not shown again.`, 'strong'], '']}
				/>
				<TextFieldView
					label={[[` Its last ${proofLength} characters: `]]}
					field={text}
					columns={columns}
					focused
					hasExtent
				/>
				<Paragraphs
					columns={columns}
					text={[
						'',
						wrong ? ['! Those are not its last characters.', 'warning'] : '',
						['esc shows it again.', 'dim'],
					]}
				/>
			</>
		);
	}
	return (
		<>
			{/* What is too much for the screen is the advice, never the secret. */}
			<Box flexDirection="column" flexShrink={0}>
				<Paragraphs
					columns={columns}
					text={['', [`The ${what} was created. This is the only time it is shown:`, 'strong'], '']}
				/>
				<Line parts={[[clean(secret), 'secret']]} columns={columns} />
			</Box>
			<Paragraphs
				columns={columns}
				text={[
					'',
					`${advice} It cannot be shown again: if you lose it, create a new one.`,
					'',
					[
						'c copies it to the clipboard of your terminal; or select the line with the mouse.',
						'dim',
					],
				]}
			/>
		</>
	);
}
