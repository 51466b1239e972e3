import type {KeyScreen} from '../../app/model.ts';
import {Line} from '../../components/line.tsx';
import {Paragraphs} from '../../components/paragraphs.tsx';
import {clean} from '../../text/clean.ts';
import type {ViewProperties} from '../view.ts';
import {keyFacts} from './facts.ts';
import {keyOf} from './state.ts';
import {UseLines} from './use.tsx';

export function KeyView({screen, model, columns}: ViewProperties<KeyScreen>) {
	const key = keyOf(model, screen);
	if (key === undefined) {
		return (
			<Paragraphs
				text={['', 'This key is not in the list any more. esc goes back.']}
				columns={columns}
			/>
		);
	}
	return (
		<>
			<Line parts={[]} columns={columns} />
			{keyFacts(key, model.now, Math.min(columns - 2, 100), screen.use).map((parts, index) => (
				<Line key={index} parts={[[' '], ...parts]} columns={columns} />
			))}
			<Line parts={[]} columns={columns} />
			{screen.use !== undefined && <UseLines use={screen.use} columns={columns} />}
			{screen.problem !== undefined && (
				<Line
					parts={[[` ! Its use could not be read: ${clean(screen.problem)}`, 'warning']]}
					columns={columns}
				/>
			)}
			<Paragraphs
				columns={columns}
				text={[
					'',
					['The key itself was shown once, when it was created; only its hash is kept.', 'dim'],
				]}
			/>
		</>
	);
}
