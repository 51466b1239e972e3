import type {DeviceLogin} from '../../../contract/providers.ts';
import {type DeviceScreen, type Model, pop, setTop, type Step} from '../../app/model.ts';
import type {ScreenKind} from '../../app/screen.ts';
import {addressOf, askAgain} from '../../device-login.ts';
import type {Failure} from '../../failure.ts';
import {commandFor} from '../../keymap.ts';

export function newDeviceScreen(provider: string, login: DeviceLogin, now: number): DeviceScreen {
	const interval = login.interval * 1000;
	return {type: 'device', provider, login, interval, askAt: now + interval, asking: false};
}

export const deviceKind: ScreenKind<DeviceScreen> = {
	title: ({provider}) => `with ${provider}`,
	contexts: ({problem}) => (problem === undefined ? ['device', 'cancel'] : ['anew', 'cancel']),
	typing: () => true,
	onKey(model, screen, key) {
		if (commandFor(['cancel'], key) === 'cancel') return [pop(model)];
		if (screen.problem !== undefined) {
			if (commandFor(['anew'], key) !== 'again') return [model];
			return [pop(model), {do: 'startDeviceLogin', provider: screen.provider}];
		}
		if (commandFor(['device'], key) !== 'copy') return [model];
		return [model, {do: 'copy', text: addressOf(screen.login)}];
	},
};

/** Asks whether it is approved, when it is time to. */
export function deviceTick(model: Model, screen: DeviceScreen, now: number): Step {
	if (screen.asking || screen.problem !== undefined || now < screen.askAt) return [model];
	return [
		setTop(model, {...screen, asking: true}),
		{do: 'askDeviceLogin', code: screen.login.device_code},
	];
}

/** What a failed question makes of the screen. */
export function deviceFailed(screen: DeviceScreen, failure: Failure, now: number): DeviceScreen {
	const next = askAgain(failure, screen.interval);
	if (next === undefined) return {...screen, asking: false, problem: failure.message};
	return {...screen, asking: false, interval: next.interval, askAt: now + next.wait};
}
