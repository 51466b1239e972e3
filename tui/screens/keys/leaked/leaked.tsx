import {Box} from 'ink';
import {isOver, stateOf} from '../../../api-keys/state.ts';
import type {ViewProperties} from '../../../app/screen-kind.ts';
import {halvesOf} from '../../../components/beside.ts';
import {Line, type Part} from '../../../components/line.tsx';
import {useTheme} from '../../../theme.ts';
import {mayRevoke} from '../revoke/start.ts';
import {mayRotate} from '../rotate/start.ts';
import {maySuspend} from '../suspend/state.ts';
import {leakedKeyBindings} from './bindings.ts';
import {leakedLines} from './lines.ts';
import type {LeakedKeyScreen} from './screen.ts';
import {leakedKeyOf, waysOut} from './shown.ts';

const widest = 110;
/** What the halves of a wide screen need: facts of the key, and from where it is called. */
const least = {left: 64, right: 66};

/** A key that was pasted, masked; what is known of it; and below it the ways out, always in sight. */
export function LeakedKeyView({screen, model, columns, rows}: ViewProperties<LeakedKeyScreen>) {
	const {glyphs} = useTheme();
	const ways = waysLines(screen, model);
	const isRoomy = rows > 14;
	const below = ways.length === 0 ? 0 : ways.length + 1 + (isRoomy ? 1 : 0);
	const room = Math.max(1, rows - 1 - below - (isRoomy ? 1 : 0));
	const halves = halvesOf(columns - 4, least);
	const size = {
		columns: Math.min(columns - 4, widest),
		rows: room,
		...(halves === undefined ? {} : {halves}),
	};
	const lines = leakedLines(screen, model, glyphs, size).slice(0, room);
	return (
		<Box flexDirection="column" height={rows}>
			<Line
				parts={[
					[columns < 66 ? ' ' : ' Key  ', 'dim'],
					[screen.masked(glyphs.mask), 'key'],
					[screen.told === undefined ? '' : '  masked, not kept', 'dim'],
				]}
				columns={columns}
			/>
			{isRoomy && <Line parts={[]} columns={columns} />}
			<Box flexDirection="column" height={lines.length} overflow="hidden" flexShrink={0}>
				{lines.map((parts, index) => (
					<Line key={index} parts={[['  '], ...parts]} columns={columns} />
				))}
			</Box>
			{ways.length > 0 && isRoomy && <Line parts={[]} columns={columns} />}
			{ways.length > 0 && <Line parts={[['  WHAT NOW?', 'title']]} columns={columns} />}
			{ways.map(([parts, isMarked], index) => (
				<Line
					key={index}
					parts={[[isMarked ? `${glyphs.marker} ` : '  ', 'key'], ...parts]}
					columns={columns}
				/>
			))}
		</Box>
	);
}

/** Each way out, with what it does, and whether it is under the cursor. */
function waysLines(
	screen: LeakedKeyScreen,
	model: ViewProperties<LeakedKeyScreen>['model'],
): [Part[], boolean][] {
	const key = leakedKeyOf(model, screen);
	if (key === undefined || isOver(key, model.now)) return [];
	const isSuspended = stateOf(key, model.now) === 'suspended';
	const ways = {
		rotate: [
			mayRotate(model, key),
			'rotate',
			'a new key now; this one works for as long as you say',
		],
		suspend: isSuspended
			? [maySuspend(model, key), 'resume', 'accepted again at once']
			: [maySuspend(model, key), 'suspend', 'refused at once; can be undone'],
		revoke: [mayRevoke(model, key), 'revoke', 'refused at once; final'],
	} as const satisfies Record<(typeof waysOut)[number], readonly [boolean, string, string]>;
	return waysOut.map((way, index): [Part[], boolean] => {
		const [can, name, tells] = ways[way];
		const parts: Part[] = [
			[leakedKeyBindings[way].keys[0], can ? 'key' : 'dim'],
			[` ${name.padEnd(9)}`, can ? (index === screen.at ? 'strong' : 'plain') : 'dim'],
			[can ? tells : `${tells} (not now, or not with your role)`, 'dim'],
		];
		return [parts, index === screen.at];
	});
}
