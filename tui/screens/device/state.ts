import type {DeviceLogin} from '../../../contract/providers.ts';
import {type DeviceScreen, type Model, pop, setTop, type Step} from '../../app/model.ts';
import type {ScreenKind} from '../../app/screen.ts';
import type {Failure} from '../../failure.ts';
import {commandFor} from '../../keymap.ts';

/** Each `slow_down` makes the time between two questions longer by this, ms (RFC 8628, 3.5). */
const slowDown = 5000;

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

/** Where to approve; with the code in it, where the provider has that. */
export function addressOf(login: DeviceLogin): string {
	return login.verification_uri_complete ?? login.verification_uri;
}

/** Asks whether it is approved, when it is time to. */
export function deviceTick(model: Model, screen: DeviceScreen, now: number): Step {
	if (screen.asking || screen.problem !== undefined || now < screen.askAt) return [model];
	return [
		setTop(model, {...screen, asking: true}),
		{do: 'askDeviceLogin', code: screen.login.device_code},
	];
}

/** What a failed question makes of the screen: most mean to wait on. */
export function deviceFailed(screen: DeviceScreen, failure: Failure, now: number): DeviceScreen {
	const {code, retryAfter = 0, status = 0} = failure.details;
	const interval = screen.interval + (code === 'slow_down' ? slowDown : 0);
	const waiting = {
		...screen,
		asking: false,
		interval,
		askAt: now + Math.max(interval, retryAfter),
	};
	const goesOn =
		failure.kind === 'unreachable' ||
		code === 'slow_down' ||
		code === 'authorization_pending' ||
		status === 429 ||
		status >= 500;
	return goesOn ? waiting : {...waiting, problem: failure.message};
}
