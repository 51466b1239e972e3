import type {CleanUpScreen} from '../screens/keys/clean-up/screen.ts';
import type {ExplainScreen} from '../screens/keys/explain/screen.ts';
import type {KeyScreen} from '../screens/keys/key/screen.ts';
import type {LeakedKeyScreen} from '../screens/keys/leaked/screen.ts';
import type {KeyPolicyScreen} from '../screens/keys/policy/screen.ts';
import type {KeyRoleScreen} from '../screens/keys/role/screen.ts';
import type {OutcomesScreen} from '../screens/keys/outcomes/screen.ts';
import type {AuditEntryScreen} from '../screens/audit/entry/screen.ts';
import type {ChoiceScreen} from '../screens/kinds/choice/screen.ts';
import type {ColumnsScreen} from '../screens/kinds/columns/screen.ts';
import type {ConfirmScreen} from '../screens/kinds/confirm/screen.ts';
import type {FormScreen} from '../screens/kinds/form/screen.ts';
import type {TableScreen} from '../screens/kinds/list/screen.ts';
import type {RevealScreen} from '../screens/kinds/reveal/screen.ts';
import type {ChooseLogInScreen} from '../screens/log-in/choose/screen.ts';
import type {ConnectScreen} from '../screens/log-in/connect/screen.ts';
import type {DeviceScreen} from '../screens/log-in/device/screen.ts';
import type {LogInScreen} from '../screens/log-in/password/screen.ts';
import type {SetUpScreen} from '../screens/log-in/set-up/screen.ts';
import type {HealthScreen} from '../screens/system/health/screen.ts';
import type {SettingsScreen} from '../screens/system/settings/screen.ts';
import type {KeyUsageScreen} from '../screens/usage/key/screen.ts';
import type {OverviewScreen} from '../screens/usage/overview/screen.ts';
import type {DeliveryScreen} from '../screens/webhooks/delivery/screen.ts';
import type {WebhookTestScreen} from '../screens/webhooks/send-test/screen.ts';
import type {LiveScreen} from '../screens/live/screen.ts';
import {lists} from './lists.ts';

/** What the console may show; each screen's state is told in its own folder. */
export type Screen =
	| ConnectScreen
	| SetUpScreen
	| ChooseLogInScreen
	| DeviceScreen
	| LogInScreen
	| CleanUpScreen
	| KeyScreen
	| KeyUsageScreen
	| OverviewScreen
	| ExplainScreen
	| LeakedKeyScreen
	| LiveScreen
	| KeyRoleScreen
	| KeyPolicyScreen
	| OutcomesScreen
	| TableScreen
	| AuditEntryScreen
	| HealthScreen
	| FormScreen
	| SettingsScreen
	| ChoiceScreen
	| ColumnsScreen
	| ConfirmScreen
	| RevealScreen
	| WebhookTestScreen
	| DeliveryScreen;

/** Whether a screen is the table of a list. */
export function isTable(screen: Screen): screen is TableScreen {
	return screen.type in lists;
}
