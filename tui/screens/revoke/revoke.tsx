import {Box} from 'ink';
import type {RevokeScreen} from '../../app/model.ts';
import {Line, type Part} from '../../components/line.tsx';
import {TextFieldView} from '../../components/text-field/text-field.tsx';
import {clean} from '../../text/clean.ts';
import {ago, moment} from '../../text/time.ts';
import {truncate, wrap} from '../../text/width.ts';
import {useTheme} from '../../theme.ts';
import type {ViewProperties} from '../view.ts';
import {armed} from './state.ts';

export function RevokeView({screen, model, columns}: ViewProperties<RevokeScreen>) {
	const {glyphs, styles} = useTheme();
	const {key, word, busy, problem} = screen;
	const outer = Math.min(columns - 2, 86);
	const inner = outer - 4;
	const used =
		key.last_used_at === null
			? 'It was never used.'
			: `Last used ${ago(key.last_used_at, model.now)} (${moment(key.last_used_at)}).`;
	return (
		<Box paddingX={1} paddingTop={1} flexDirection="column">
			<Box
				flexDirection="column"
				width={outer}
				borderStyle={glyphs.border}
				paddingX={1}
				{...(styles.bad.color === undefined ? {} : {borderColor: styles.bad.color})}
			>
				<Line
					parts={[[`Revoke ${truncate(clean(key.name), inner - 8, glyphs.ellipsis)}?`, 'strong']]}
					columns={inner}
				/>
				<Line parts={[[`id ${key.id}`, 'dim']]} columns={inner} />
				<Line parts={[]} columns={inner} />
				<Line parts={[[used, word === undefined ? 'plain' : 'warning']]} columns={inner} />
				{wrap(
					'Whoever calls with it gets 401 at once. A revoked key cannot be brought back.',
					inner,
				).map((line) => (
					<Line key={line} parts={[[line]]} columns={inner} />
				))}
				<Line parts={[]} columns={inner} />
				{word === undefined ? (
					<Line
						parts={[
							['Revoke it? '],
							['y', 'key'],
							[' / '],
							['N', 'key'],
							['  (enter is no)', 'dim'],
						]}
						columns={inner}
					/>
				) : (
					<Typed screen={screen} word={word} columns={inner} />
				)}
				{busy && <Line parts={[['Revoking …', 'dim']]} columns={inner} />}
				{problem !== undefined &&
					wrap(`! ${clean(problem)}`, inner).map((line) => (
						<Line key={line} parts={[[line, 'bad']]} columns={inner} />
					))}
			</Box>
		</Box>
	);
}

function Typed({screen, word, columns}: {screen: RevokeScreen; word: string; columns: number}) {
	const ready = armed(screen);
	const what = word === screen.key.name ? word : `${word} (the end of its id)`;
	const button = (name: 'cancel' | 'revoke', text: string): Part =>
		screen.button === name
			? [`[ ${text} ]`, 'selected']
			: [`  ${text}  `, ready || name === 'cancel' ? 'plain' : 'dim'];
	return (
		<>
			<Line parts={[['It is in use. To revoke it, type '], [what, 'strong']]} columns={columns} />
			<TextFieldView
				label={[['> ', 'key']]}
				field={screen.text}
				columns={columns}
				focused={!screen.busy}
			/>
			<Line parts={[]} columns={columns} />
			<Line
				parts={[]}
				right={[
					button('cancel', 'Cancel'),
					['   '],
					button('revoke', ready ? 'Revoke' : 'Revoke (type first)'),
				]}
				columns={columns}
			/>
		</>
	);
}
