import {deviceBindings} from './bindings.ts';
import {anewBindings} from './bindings.ts';
import {keymap} from '../../../keyboard/keymap.ts';
import type {DeviceLogin} from '../../../../contract/providers.ts';
import {copy} from '../../../app/copy.ts';
import type {DeviceScreen} from './screen.ts';
import {pop, setTop, top} from '../../../app/navigation.ts';
import type {Model, Step} from '../../../app/model.ts';
import type {ScreenKind} from '../../../app/screen-kind.ts';
import {addressOf, askAgain} from '../../../people/device-login.ts';
import type {Failure} from '../../../failure.ts';
import {commandFor} from '../../../keyboard/keymap.ts';

export function newDeviceScreen(provider: string, login: DeviceLogin, now: number): DeviceScreen {
	const interval = login.interval * 1000;
	return {type: 'device', provider, login, interval, askAt: now + interval, asking: false};
}

export const deviceKind: ScreenKind<DeviceScreen> = {
	title: ({provider}) => `with ${provider}`,
	contexts: ({problem}) =>
		problem === undefined ? [deviceBindings, keymap.cancel] : [anewBindings, keymap.cancel],
	typing: () => true,
	view: async () => (await import('./device.tsx')).DeviceView,
	onTick: (model, screen, now) => ask(model, screen, now),
	hear(screen, event, now) {
		if (event.type !== 'failed' || event.effect.do !== 'askDeviceLogin') return screen;
		const isOwn = event.effect.code === screen.login.device_code;
		return isOwn ? refused(screen, event.failure, now) : screen;
	},
	onAnswer(model, screen, event) {
		if (event.type !== 'deviceApproved' || top(model) !== screen) return undefined;
		const isOwn = screen.login.device_code === event.code;
		return isOwn ? [model, {do: 'begin', tokens: event.tokens}] : undefined;
	},
	onKey(model, screen, key, now) {
		if (commandFor([keymap.cancel], key) === 'cancel') return [pop(model)];
		if (screen.problem !== undefined) {
			if (commandFor([anewBindings], key) !== 'again') return [model];
			return [pop(model), {do: 'startDeviceLogin', provider: screen.provider}];
		}
		if (commandFor([deviceBindings], key) !== 'copy') return [model];
		return copy(model, now, 'the address', addressOf(screen.login));
	},
};

/** Asks whether it is approved, when it is time to. */
function ask(model: Model, screen: DeviceScreen, now: number): Step {
	if (screen.asking || screen.problem !== undefined || now < screen.askAt) return [model];
	return [
		setTop(model, {...screen, asking: true}),
		{do: 'askDeviceLogin', code: screen.login.device_code},
	];
}

/** What a failed question makes of the screen. */
function refused(screen: DeviceScreen, failure: Failure, now: number): DeviceScreen {
	const next = askAgain(failure, screen.interval);
	if (next === undefined) return {...screen, asking: false, problem: failure.message};
	return {...screen, asking: false, interval: next.interval, askAt: now + next.wait};
}
