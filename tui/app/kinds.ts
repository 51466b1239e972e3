import type {Context} from '../keymap.ts';
import {chooseLogInKind} from '../screens/choose-log-in/state.ts';
import {connectKind} from '../screens/connect/state.ts';
import {createKeyKind} from '../screens/create-key/state.ts';
import {createOrganisationKind} from '../screens/create-organisation/state.ts';
import {deviceKind} from '../screens/device/state.ts';
import {keyKind} from '../screens/key/state.ts';
import {keysKind} from '../screens/keys/state.ts';
import {logInKind} from '../screens/log-in/state.ts';
import {organisationsKind} from '../screens/organisations/state.ts';
import {planKind} from '../screens/plan/state.ts';
import {revealKind} from '../screens/reveal/state.ts';
import {revokeKind} from '../screens/revoke/state.ts';
import {setUpKind} from '../screens/set-up/state.ts';
import {sourcesKind} from '../screens/sources/state.ts';
import type {Model, Screen} from './model.ts';
import type {ScreenKind} from './screen.ts';

const kinds: {[Type in Screen['type']]: ScreenKind<Extract<Screen, {type: Type}>>} = {
	connect: connectKind,
	setUp: setUpKind,
	chooseLogIn: chooseLogInKind,
	device: deviceKind,
	logIn: logInKind,
	keys: keysKind,
	key: keyKind,
	createKey: createKeyKind,
	reveal: revealKind,
	revoke: revokeKind,
	organisations: organisationsKind,
	createOrganisation: createOrganisationKind,
	plan: planKind,
	sources: sourcesKind,
};

export function kindOf(screen: Screen): ScreenKind<Screen> {
	// The record above pairs each type with its own kind; TypeScript cannot follow that by index.
	return kinds[screen.type] as unknown as ScreenKind<Screen>;
}

/** Which parts of the keymap hold on a screen. */
export function contextsOf(screen: Screen, model: Model): readonly Context[] {
	return kindOf(screen).contexts(screen, model);
}
