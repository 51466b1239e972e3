import {auditEntryPage} from '../screens/audit/entry/state.ts';
import {exportTrailForm} from '../screens/audit/list/export.ts';
import {applianceAuditSpec, auditSpec} from '../screens/audit/list/spec.ts';
import {cleanUpKind} from '../screens/keys/clean-up/state.ts';
import {createKeyForm} from '../screens/keys/form/create.ts';
import {editKeyForm} from '../screens/keys/form/edit.ts';
import {explainKind} from '../screens/keys/explain/state.ts';
import {keyHygieneSpec} from '../screens/keys/hygiene/spec.ts';
import {keyKind} from '../screens/keys/key/state.ts';
import {leakedKeyKind} from '../screens/keys/leaked/state.ts';
import {keysLeftSpec} from '../screens/keys/left/spec.ts';
import {keysSpec} from '../screens/keys/list/spec.ts';
import {outcomesKind} from '../screens/keys/outcomes/state.ts';
import {editKeyPolicyForm} from '../screens/keys/policy/edit.ts';
import {keyPolicyPage} from '../screens/keys/policy/state.ts';
import {hearOfRevoking} from '../screens/keys/revoke/state.ts';
import {createKeyRoleForm, editKeyRoleForm} from '../screens/keys/role/form.ts';
import {keyRolePage} from '../screens/keys/role/state.ts';
import {keyRolesSpec} from '../screens/keys/roles/spec.ts';
import {onReadToRotate, rotateKeyForm} from '../screens/keys/rotate/form.ts';
import {suspendKeyForm} from '../screens/keys/suspend/form.ts';
import {keysToMendSpec} from '../screens/keys/to-mend/spec.ts';
import {limitedKeysSpec} from '../screens/limits/limited/spec.ts';
import {changeQuotaForm} from '../screens/limits/quota/form.ts';
import {setSharedLimitsForm} from '../screens/limits/shared/form.ts';
import {sharedLimitsSpec} from '../screens/limits/shared/spec.ts';
import {choiceKind} from '../screens/kinds/choice/state.ts';
import {columnsKind} from '../screens/kinds/columns/state.ts';
import {confirmKind} from '../screens/kinds/confirm/state.ts';
import type {FormSpecs} from '../screens/kinds/form/spec.ts';
import {formKind} from '../screens/kinds/form/state.ts';
import {listKind} from '../screens/kinds/list/state.ts';
import {pageKind} from '../screens/kinds/page/state.ts';
import {revealKind} from '../screens/kinds/reveal/state.ts';
import {liveKind} from '../screens/live/state.ts';
import {changePasswordForm} from '../screens/log-in/change-password/state.ts';
import {chooseLogInKind} from '../screens/log-in/choose/state.ts';
import {connectKind} from '../screens/log-in/connect/state.ts';
import {deviceKind} from '../screens/log-in/device/state.ts';
import {logInKind} from '../screens/log-in/password/state.ts';
import {setUpKind} from '../screens/log-in/set-up/state.ts';
import {useCodeForm} from '../screens/log-in/use-code/state.ts';
import {createClientSecretForm} from '../screens/machines/client-secrets/create.ts';
import {clientSecretsSpec} from '../screens/machines/client-secrets/spec.ts';
import {createServiceAccountForm} from '../screens/machines/service-accounts/create.ts';
import {serviceAccountsSpec} from '../screens/machines/service-accounts/spec.ts';
import {createOrganisationForm} from '../screens/organisations/create/state.ts';
import {organisationsSpec} from '../screens/organisations/list/spec.ts';
import {hearOfReliance} from '../screens/organisations/plan/state.ts';
import {invitationsSpec} from '../screens/people/invitations/spec.ts';
import {inviteForm} from '../screens/people/invite/state.ts';
import {membersSpec} from '../screens/people/members/spec.ts';
import {sessionsSpec} from '../screens/people/sessions/spec.ts';
import {userSessionsSpec} from '../screens/people/user-sessions/spec.ts';
import {createUserForm} from '../screens/people/users/create.ts';
import {usersSpec} from '../screens/people/users/spec.ts';
import {createSourceForm, updateSourceForm} from '../screens/sources/form/state.ts';
import {sourcesSpec} from '../screens/sources/list/spec.ts';
import {healthPage} from '../screens/system/health/state.ts';
import {settingsKind} from '../screens/system/settings/state.ts';
import {keyUsageChart} from '../screens/usage/key/state.ts';
import {overviewChart} from '../screens/usage/overview/state.ts';
import {chartKind} from '../screens/usage/shared/kind.ts';
import {deliveriesSpec} from '../screens/webhooks/deliveries/spec.ts';
import {deliveryPage} from '../screens/webhooks/delivery/state.ts';
import {createWebhookForm, editWebhookForm} from '../screens/webhooks/endpoints/endpoint-form.ts';
import {webhooksSpec} from '../screens/webhooks/endpoints/spec.ts';
import {replayManyForm} from '../screens/webhooks/replay/form.ts';
import {onTested} from '../screens/webhooks/send-test/answer.ts';
import {webhookTestPage} from '../screens/webhooks/send-test/state.ts';
import type {ScreenKind} from './screen-kind.ts';
import type {Screen} from './screens.ts';

/* The one register of what the console can show. What a screen is, stands in its own folder. */

/** Every form. */
const forms: FormSpecs = {
	createKey: createKeyForm,
	editKey: editKeyForm,
	suspendKey: suspendKeyForm,
	rotateKey: rotateKeyForm,
	createKeyRole: createKeyRoleForm,
	editKeyRole: editKeyRoleForm,
	editKeyPolicy: editKeyPolicyForm,
	changeQuota: changeQuotaForm,
	setSharedLimits: setSharedLimitsForm,
	createOrganisation: createOrganisationForm,
	createWebhook: createWebhookForm,
	editWebhook: editWebhookForm,
	replayMany: replayManyForm,
	invite: inviteForm,
	createServiceAccount: createServiceAccountForm,
	createClientSecret: createClientSecretForm,
	createUser: createUserForm,
	changePassword: changePasswordForm,
	createSource: createSourceForm,
	updateSource: updateSourceForm,
	useCode: useCodeForm,
	exportTrail: exportTrailForm,
};

/** Every screen; the palette has those with a place of their own in this order. */
export const kinds: {[Type in Screen['type']]: ScreenKind<Extract<Screen, {type: Type}>>} = {
	connect: connectKind,
	setUp: setUpKind,
	chooseLogIn: chooseLogInKind,
	device: deviceKind,
	logIn: logInKind,
	keys: listKind(keysSpec),
	cleanUp: cleanUpKind,
	key: keyKind,
	keyUsage: chartKind(keyUsageChart),
	overview: chartKind(overviewChart),
	explain: explainKind,
	leakedKey: leakedKeyKind,
	live: liveKind,
	outcomes: outcomesKind,
	keysLeft: listKind(keysLeftSpec),
	keyHygiene: listKind(keyHygieneSpec),
	keysToMend: listKind(keysToMendSpec),
	keyRoles: listKind(keyRolesSpec),
	keyRole: pageKind(keyRolePage),
	keyPolicy: pageKind(keyPolicyPage),
	limitedKeys: listKind(limitedKeysSpec),
	sharedLimits: listKind(sharedLimitsSpec),
	sources: listKind(sourcesSpec),
	organisations: listKind(organisationsSpec),
	members: listKind(membersSpec),
	invitations: listKind(invitationsSpec),
	serviceAccounts: listKind(serviceAccountsSpec),
	clientSecrets: listKind(clientSecretsSpec),
	users: listKind(usersSpec),
	userSessions: listKind(userSessionsSpec),
	sessions: listKind(sessionsSpec),
	audit: listKind(auditSpec),
	applianceAudit: listKind(applianceAuditSpec),
	auditEntry: pageKind(auditEntryPage),
	webhooks: listKind(webhooksSpec),
	webhookTest: pageKind(webhookTestPage),
	deliveries: listKind(deliveriesSpec),
	delivery: pageKind(deliveryPage),
	health: pageKind(healthPage),
	settings: settingsKind,
	form: formKind(forms),
	columns: columnsKind,
	choice: choiceKind(onTested, onReadToRotate),
	confirm: confirmKind(hearOfRevoking, hearOfReliance),
	reveal: revealKind,
};

export function kindOf(screen: Screen): ScreenKind<Screen> {
	// The record above pairs each type with its own kind; TypeScript cannot follow that by index.
	return kinds[screen.type] as unknown as ScreenKind<Screen>;
}
