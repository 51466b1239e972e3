import {Box, useApp, useInput, usePaste, useStdout} from 'ink';
import {type ReactNode, useEffect, useSyncExternalStore} from 'react';
import {Header} from '../components/header.tsx';
import {Help} from '../components/help.tsx';
import {Hints} from '../components/hints.tsx';
import {Line} from '../components/line.tsx';
import {PaletteView} from '../components/palette.tsx';
import {Status} from '../components/status.tsx';
import type {AnyCommand, Context} from '../keymap.ts';
import {keyNames} from '../keys.ts';
import {auditEntryPage} from '../screens/audit-entry/state.ts';
import {ChooseLogInView} from '../screens/choose-log-in/choose-log-in.tsx';
import {ConnectView} from '../screens/connect/connect.tsx';
import {DeviceView} from '../screens/device/device.tsx';
import {KeyView} from '../screens/key/key.tsx';
import {KeysView} from '../screens/keys/keys.tsx';
import {healthPage} from '../screens/health/state.ts';
import {LogInView} from '../screens/log-in/log-in.tsx';
import {ChoiceView} from '../screens/choice/choice.tsx';
import {ConfirmView} from '../screens/confirm/confirm.tsx';
import {FormView} from '../screens/form/form.tsx';
import {ListView} from '../screens/list/list.tsx';
import {OutcomesView} from '../screens/outcomes/outcomes.tsx';
import {RevealView} from '../screens/reveal/reveal.tsx';
import {deliveryPage} from '../screens/delivery/state.ts';
import {PageView} from '../screens/page/page.tsx';
import {webhookTestPage} from '../screens/webhook-test/state.ts';
import {SettingsView} from '../screens/settings/settings.tsx';
import {SetUpView} from '../screens/set-up/set-up.tsx';
import {type Theme, ThemeProvider} from '../theme.ts';
import {contextsOf, kindOf} from './kinds.ts';
import {bodyRows, isTable, type Model, type Screen, smallest, top} from './model.ts';
import type {Controls, Store} from './store.ts';
import {tooSmall} from './update.ts';

const homeAndErase = '\u001B[H\u001B[J';

type Properties = {
	store: Store;
	theme: Theme;
	onReady: (controls: Controls) => void;
};

/** The frame around every screen; keys go to the store, which alone decides what they do. */
export function App({store, theme, onReady}: Properties) {
	const model = useSyncExternalStore(store.subscribe, store.get);
	const {exit} = useApp();
	const {write} = useStdout();
	useInput((input, key) => {
		for (const name of keyNames(input, key)) store.send({type: 'key', key: name});
	});
	usePaste((text) => store.send({type: 'paste', text}));
	useEffect(() => {
		// Ink writes the whole frame again behind it, at the top of the emptied screen.
		onReady({exit, repaint: () => write(homeAndErase)});
	}, [exit, write, onReady]);
	return (
		<ThemeProvider value={theme}>
			<Frame model={model} />
		</ThemeProvider>
	);
}

function Frame({model}: {model: Model}) {
	const {columns, rows} = model.size;
	if (tooSmall(model)) {
		const text = ` Need ${smallest.columns}x${smallest.rows}, have ${columns}x${rows}. q quits`;
		return <Line parts={[[text, 'warning']]} columns={columns} />;
	}
	const screen = top(model);
	const contexts = contextsOf(screen, model);
	const body = bodyRows(model);
	// The width is the terminal's own, not the model's: right after a resize only Ink knows it.
	return (
		<Box flexDirection="column" width="100%" height={rows} overflow="hidden">
			<Header model={model} />
			<Box flexDirection="column" height={body} overflow="hidden">
				{model.help !== undefined ? (
					<Help
						title={kindOf(screen).title(screen, model)}
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
			<Hints
				contexts={coveredBy(model) ?? contexts}
				unavailable={kindOf(screen).unavailable?.(screen, model) ?? []}
				columns={columns}
				leavesTo={model.screens.length > 1 ? 'back' : 'quit'}
				here={leadsTo[screen.type]}
			/>
		</Box>
	);
}

/** The keys of what covers the screen, if something does. */
function coveredBy({help, palette}: Model): readonly Context[] | undefined {
	if (help !== undefined) return ['helping'];
	return palette === undefined ? undefined : ['palette'];
}

const leadsTo: Partial<Record<Screen['type'], AnyCommand>> = {
	keys: 'showKeys',
	sources: 'showSources',
	organisations: 'showOrganisations',
	members: 'showMembers',
	audit: 'showAudit',
	webhooks: 'showWebhooks',
	health: 'showHealth',
	settings: 'showSettings',
};

type ViewProperties = {screen: Screen; model: Model; columns: number; rows: number};

function View({screen, ...rest}: ViewProperties): ReactNode {
	if (isTable(screen)) return <ListView screen={screen} {...rest} />;
	switch (screen.type) {
		case 'connect':
			return <ConnectView screen={screen} {...rest} />;
		case 'setUp':
			return <SetUpView screen={screen} {...rest} />;
		case 'chooseLogIn':
			return <ChooseLogInView screen={screen} {...rest} />;
		case 'device':
			return <DeviceView screen={screen} {...rest} />;
		case 'logIn':
			return <LogInView screen={screen} {...rest} />;
		case 'keys':
			return <KeysView screen={screen} {...rest} />;
		case 'key':
			return <KeyView screen={screen} {...rest} />;
		case 'auditEntry':
			return <PageView spec={auditEntryPage} screen={screen} {...rest} />;
		case 'outcomes':
			return <OutcomesView screen={screen} {...rest} />;
		case 'health':
			return <PageView spec={healthPage} screen={screen} {...rest} />;
		case 'form':
			return <FormView screen={screen} {...rest} />;
		case 'settings':
			return <SettingsView screen={screen} {...rest} />;
		case 'choice':
			return <ChoiceView screen={screen} {...rest} />;
		case 'confirm':
			return <ConfirmView screen={screen} {...rest} />;
		case 'reveal':
			return <RevealView screen={screen} {...rest} />;
		case 'webhookTest':
			return <PageView spec={webhookTestPage} screen={screen} {...rest} />;
		case 'delivery':
			return <PageView spec={deliveryPage} screen={screen} {...rest} />;
	}
}
