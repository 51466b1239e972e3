import {Box, useApp, useInput, usePaste, useStdout} from 'ink';
import {useEffect, useMemo, useSyncExternalStore} from 'react';
import {Help} from '../components/help.tsx';
import {Hints} from '../components/hints.tsx';
import {Line} from '../components/line.tsx';
import {keyNames} from '../keyboard/key-names.ts';
import {type Context, keymap} from '../keyboard/keymap.ts';
import {stopUntilContinued} from '../terminal/suspend.ts';
import {type Theme, ThemeProvider, useTheme} from '../theme.ts';
import type {ThemeName} from '../theme-name.ts';
import {Header} from './header.tsx';
import {kindOf} from './kinds.ts';
import {shownEntries} from './help.ts';
import type {Model} from './model.ts';
import type {Screen} from './screens.ts';
import {clean} from '../text/clean.ts';
import {contextsOf, type Views} from './on-screens.ts';
import {bodyRows, hasRule, smallest, top} from './navigation.ts';
import {PaletteView} from './palette/palette.tsx';
import {isLong, Status} from './status.tsx';
import {ScreensLine} from './screens-line.tsx';
import type {Controls, Store} from './store.ts';
import {troubles} from './trouble.ts';
import {tooSmall} from './update.ts';

const homeAndErase = '\u001B[H\u001B[J';

type Properties = {
	store: Store;
	/** What draws each screen. */
	views: Views;
	/** How what is chosen looks on this terminal. */
	themeOf: (name: ThemeName) => Theme;
	onReady: (controls: Controls) => void;
};

/** The frame around every screen; keys go to the store, which alone decides what they do. */
export function App({store, views, themeOf, onReady}: Properties) {
	const model = useSyncExternalStore(store.subscribe, store.get);
	const theme = useMemo(() => themeOf(model.theme), [themeOf, model.theme]);
	const {exit, suspendTerminal} = useApp();
	const {write} = useStdout();
	useInput((input, key) => {
		const keys = keyNames(input, key);
		if (keys.length > 0) store.send({type: 'keys', keys});
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

function Rule({columns}: {columns: number}) {
	const {glyphs} = useTheme();
	return <Line parts={[[glyphs.rule.repeat(columns), 'dim']]} columns={columns} />;
}

function Frame({model, views}: {model: Model; views: Views}) {
	const {columns, rows} = model.size;
	const {ground} = useTheme();
	if (tooSmall(model)) {
		const text = ` Need ${smallest.columns}x${smallest.rows}, have ${columns}x${rows}. q quits`;
		return <Line parts={[[text, 'warning']]} columns={columns} />;
	}
	const screen = top(model);
	const kind = kindOf(screen);
	const View = views[screen.type];
	const contexts = contextsOf(screen, model);
	const body = bodyRows(model);
	const unavailable = kind.unavailable?.(screen, model) ?? [];
	// The width is the terminal's own, not the model's: right after a resize only Ink knows it.
	return (
		<Box
			flexDirection="column"
			width="100%"
			height={rows}
			overflow="hidden"
			{...(ground === undefined ? {} : {backgroundColor: ground})}
		>
			<Header model={model} />
			{model.me === undefined ? null : <ScreensLine model={model} signs={troubles(model)} />}
			{hasRule(model) ? <Rule columns={columns} /> : null}
			<Box flexDirection="column" height={body} overflow="hidden">
				{model.help !== undefined ? (
					<Help
						title={helpTitle(screen, model)}
						entries={shownEntries(model, model.help)}
						choice={model.help.choice}
						search={model.help.search}
						unavailable={unavailable}
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
					unavailable={unavailable}
					columns={columns}
					leavesTo={model.screens.length > 1 ? 'back' : 'quit'}
					first={kind.hintedFirst?.(screen) ?? []}
					words={kind.hints?.(screen, model) ?? {}}
				/>
			)}
		</Box>
	);
}

/** The name of a screen begins as a sentence does; that of a thing is as it is. */
function helpTitle(screen: Screen, model: Model): string {
	const {title, place, under} = kindOf(screen);
	const name = clean(title(screen, model));
	const isName = place === undefined && under === undefined;
	return isName ? name : `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`;
}

/** The keys of what covers the screen, if something does. */
function coveredBy({help, palette}: Model): readonly Context[] | undefined {
	if (help !== undefined) return [help.search === undefined ? keymap.helping : keymap.searching];
	return palette === undefined ? undefined : [keymap.palette];
}
