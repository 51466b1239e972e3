import type {Context} from '../keymap.ts';
import {auditEntryPage} from '../screens/audit-entry/state.ts';
import {chooseLogInKind} from '../screens/choose-log-in/state.ts';
import {connectKind} from '../screens/connect/state.ts';
import {deviceKind} from '../screens/device/state.ts';
import {healthPage} from '../screens/health/state.ts';
import {keyKind} from '../screens/key/state.ts';
import {keysKind} from '../screens/keys/state.ts';
import {logInKind} from '../screens/log-in/state.ts';
import {choiceKind} from '../screens/choice/state.ts';
import {confirmKind} from '../screens/confirm/state.ts';
import {formKind} from '../screens/form/state.ts';
import {listSpecs} from '../screens/list/specs.ts';
import {listKind} from '../screens/list/state.ts';
import {outcomesKind} from '../screens/outcomes/state.ts';
import {revealKind} from '../screens/reveal/state.ts';
import {pageKind} from '../screens/page/state.ts';
import {deliveryPage} from '../screens/delivery/state.ts';
import {webhookTestPage} from '../screens/webhook-test/state.ts';
import {settingsKind} from '../screens/settings/state.ts';
import {setUpKind} from '../screens/set-up/state.ts';
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
	form: formKind,
	settings: settingsKind,
	choice: choiceKind,
	confirm: confirmKind,
	outcomes: outcomesKind,
	reveal: revealKind,
	webhookTest: pageKind(webhookTestPage),
	delivery: pageKind(deliveryPage),
	organisations: listKind(listSpecs.organisations),
	sources: listKind(listSpecs.sources),
	members: listKind(listSpecs.members),
	invitations: listKind(listSpecs.invitations),
	serviceAccounts: listKind(listSpecs.serviceAccounts),
	clientSecrets: listKind(listSpecs.clientSecrets),
	users: listKind(listSpecs.users),
	sessions: listKind(listSpecs.sessions),
	userSessions: listKind(listSpecs.userSessions),
	audit: listKind(listSpecs.audit),
	applianceAudit: listKind(listSpecs.applianceAudit),
	auditEntry: pageKind(auditEntryPage),
	health: pageKind(healthPage),
	webhooks: listKind(listSpecs.webhooks),
	deliveries: listKind(listSpecs.deliveries),
};

export function kindOf(screen: Screen): ScreenKind<Screen> {
	// The record above pairs each type with its own kind; TypeScript cannot follow that by index.
	return kinds[screen.type] as unknown as ScreenKind<Screen>;
}

/** Which parts of the keymap hold on a screen. */
export function contextsOf(screen: Screen, model: Model): readonly Context[] {
	return kindOf(screen).contexts(screen, model);
}
