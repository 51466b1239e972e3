import type {ViewProperties} from '../../../app/screen-kind.ts';
import {Line, type Part} from '../../../components/line.tsx';
import {TextFieldView} from '../../../components/text-field/text-field.tsx';
import type {Glyphs} from '../../../glyphs.ts';
import {keyLabel} from '../../../keyboard/key-names.ts';
import {spelled} from '../../../text/ascii.ts';
import {plural} from '../../../text/plural.ts';
import {fit} from '../../../text/width.ts';
import {useTheme} from '../../../theme.ts';
import {reached, wordOf} from './facts.ts';
import {type CleanUpLayout, cleanUpLayout, type CleanUpLine, linesInView} from './layout.ts';
import type {CleanUpField, CleanUpScreen, CleanUpVerb} from './screen.ts';

const meanings: Readonly<Record<CleanUpVerb, string>> = {
	suspend: 'refused immediately; u resumes them',
	revoke: 'refused immediately; final',
};

/** The question before marked keys are suspended or revoked, with all of them in it. */
export function CleanUpView({screen, model, columns, rows}: ViewProperties<CleanUpScreen>) {
	const {glyphs} = useTheme();
	const layout = cleanUpLayout(screen, columns, rows, model.now);
	const {inner, isRoomy, fixed, lastOffset} = layout;
	const {verb, verbs, why, focus, word, busyText, problem} = screen;
	const isBusy = busyText !== undefined;
	const count = reached(screen, model.now).length;
	const offset = Math.min(screen.offset, lastOffset);
	const shown = linesInView(screen, layout, offset, model.now);
	const isAt = (field: CleanUpField) => focus === field && !isBusy;
	const lead = (field: CleanUpField): Part => [isAt(field) ? `${glyphs.marker} ` : '  ', 'key'];
	const line = (parts: readonly Part[], key: string) => (
		<Line key={key} parts={parts} columns={inner} />
	);
	const drawn = (each: CleanUpLine, index: number) =>
		'parts' in each ? (
			line(each.parts, `line ${index}`)
		) : (
			<Line
				key={`key ${index}`}
				lead={[isAt('keys') && each.index === screen.index ? glyphs.marker : ' ', 'key']}
				parts={partsOf(each, glyphs)}
				columns={inner}
				isSelected={isAt('keys') && each.index === screen.index}
			/>
		);
	const choices = verbs.map((each): Part[] => [
		[`(${each === verb ? '•' : ' '}) ${each.padEnd(7)}`, each === verb ? 'strong' : 'plain'],
	]);
	const [reason, meaning] = why.reasons[why.at] ?? ['', ''];
	const asked = `${verb === 'revoke' ? 'Revoke' : 'Suspend'} ${plural(count, ['key', 'keys'])}?`;
	return (
		<>
			{line([['  '], [asked, verb === 'revoke' ? 'bad' : 'strong']], 'question')}
			{fixed.map((each, index) => drawn(each, -1 - index))}
			{shown.map((each, index) => drawn(each, offset + index))}
			{line(shownText(screen, layout, shown, offset), 'shown')}
			{isRoomy && line([], 'below the keys')}
			{isRoomy
				? choices.map((parts, index) =>
						line(
							[
								index === 0 ? lead('verb') : ['  '],
								...parts,
								[`   ${meanings[verbs[index] ?? verb]}`, 'dim'],
							],
							`choice ${index}`,
						),
					)
				: line(
						[
							lead('verb'),
							...choices.flatMap((parts) => [...parts, ['  '] as Part]),
							[meanings[verb], 'dim'],
						],
						'choices',
					)}
			{verb === 'revoke' &&
				line(
					[lead('code'), ['Reason  ', 'dim'], [`[ ${reason} ]`], [`  ${meaning}`, 'dim']],
					'reason',
				)}
			<TextFieldView
				label={[lead('note'), [verb === 'revoke' ? 'Note    ' : 'Reason  ', 'dim']]}
				field={why.note}
				columns={inner}
				focused={isAt('note')}
				hasExtent
			/>
			{isRoomy && line([], 'above the word')}
			<TextFieldView
				label={[lead('word'), ['Type '], [wordOf(screen, model.now), 'strong'], [': ']]}
				field={word}
				columns={inner}
				focused={isAt('word')}
				hasExtent
			/>
			{isBusy && line([['  '], [busyText, 'dim']], 'busy')}
			{problem !== undefined && !isBusy && line([['  '], [`! ${problem}`, 'bad']], 'problem')}
		</>
	);
}

function partsOf(line: Extract<CleanUpLine, {index: number}>, glyphs: Glyphs): Part[] {
	const mark: Part = line.isReached ? [glyphs.mark, 'key'] : ['-', 'dim'];
	const cells = line.cells.map(([text, columns, role]): Part => [
		` ${fit(glyphs.isAscii ? spelled(text) : text, columns, glyphs.ellipsis)}`,
		role,
	]);
	return [mark, ...cells];
}

/** How many of the keys are in view, and what is not. */
function shownText(
	{keys}: CleanUpScreen,
	{above, lastOffset}: CleanUpLayout,
	shown: readonly CleanUpLine[],
	offset: number,
): Part[] {
	const inView = shown.filter((line) => 'index' in line).length;
	const isCut = lastOffset > 0;
	return [
		['  '],
		[`${inView.toLocaleString('en')} of ${plural(keys.length, ['key', 'keys'])} shown`, 'dim'],
		...(isCut ? ([[`  ${keyLabel('pageup')} ${keyLabel('pagedown')}`, 'key']] as const) : []),
		...(Math.min(offset, above.length) > 0 ? ([[' facts above', 'dim']] as const) : []),
	];
}
