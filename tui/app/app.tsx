import {Box, useApp, useInput, usePaste, useStdout} from 'ink';
import {useEffect, useSyncExternalStore} from 'react';
import {Help} from '../components/help.tsx';
import {Hints} from '../components/hints.tsx';
import {Line} from '../components/line.tsx';
import {keyNames} from '../keyboard/key-names.ts';
import {type Context, keymap} from '../keyboard/keymap.ts';
import {stopUntilContinued} from '../terminal/suspend.ts';
import {type Theme, ThemeProvider} from '../theme.ts';
import {Header} from './header.tsx';
import {kindOf} from './kinds.ts';
import type {Model} from './model.ts';
import {contextsOf, type Views} from './on-screens.ts';
import {bodyRows, smallest, top} from './navigation.ts';
import {PaletteView} from './palette-view.tsx';
import {isLong, Status} from './status.tsx';
import type {Controls, Store} from './store.ts';
import {tooSmall} from './update.ts';

const homeAndErase = '\u001B[H\u001B[J';

type Properties = {
	store: Store;
	/** What draws each screen. */
	views: Views;
	theme: Theme;
	onReady: (controls: Controls) => void;
};

/** The frame around every screen; keys go to the store, which alone decides what they do. */
export function App({store, views, theme, onReady}: Properties) {
	const model = useSyncExternalStore(store.subscribe, store.get);
	const {exit, suspendTerminal} = useApp();
	const {write} = useStdout();
	useInput((input, key) => {
		for (const name of keyNames(input, key)) store.send({type: 'key', key: name});
	});
	usePaste((text) => store.send({type: 'paste', text}));
	useEffect(() => {
		// Ink writes the whole frame again behind it, at the top of the emptied screen.
		const repaint = () => write(homeAndErase);
		let isAway = false;
		const suspend = () => {
			if (isAway) return;
			isAway = true;
			void suspendTerminal(stopUntilContinued).then(() => {
				isAway = false;
				repaint();
			});
		};
		onReady({exit, repaint, suspend});
	}, [exit, suspendTerminal, write, onReady]);
	return (
		<ThemeProvider value={theme}>
			<Frame model={model} views={views} />
		</ThemeProvider>
	);
}

function Frame({model, views}: {model: Model; views: Views}) {
	const {columns, rows} = model.size;
	if (tooSmall(model)) {
		const text = ` Need ${smallest.columns}x${smallest.rows}, have ${columns}x${rows}. q quits`;
		return <Line parts={[[text, 'warning']]} columns={columns} />;
	}
	const screen = top(model);
	const kind = kindOf(screen);
	const View = views[screen.type];
	const contexts = contextsOf(screen, model);
	const body = bodyRows(model);
	// The width is the terminal's own, not the model's: right after a resize only Ink knows it.
	return (
		<Box flexDirection="column" width="100%" height={rows} overflow="hidden">
			<Header model={model} />
			<Box flexDirection="column" height={body} overflow="hidden">
				{model.help !== undefined ? (
					<Help
						title={kind.title(screen, model)}
						contexts={contexts}
						offset={model.help}
						columns={columns}
						rows={body}
					/>
				) : model.palette !== undefined ? (
					<PaletteView palette={model.palette} model={model} columns={columns} rows={body} />
				) : (
					<View screen={screen} model={model} columns={columns} rows={body} />
				)}
			</Box>
			<Status model={model} />
			{isLong(model) ? null : (
				<Hints
					contexts={coveredBy(model) ?? contexts}
					unavailable={kind.unavailable?.(screen, model) ?? []}
					columns={columns}
					leavesTo={model.screens.length > 1 ? 'back' : 'quit'}
					here={kind.place?.command}
					words={kind.hints?.(screen, model) ?? {}}
				/>
			)}
		</Box>
	);
}

/** The keys of what covers the screen, if something does. */
function coveredBy({help, palette}: Model): readonly Context[] | undefined {
	if (help !== undefined) return [keymap.helping];
	return palette === undefined ? undefined : [keymap.palette];
}
