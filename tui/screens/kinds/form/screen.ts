import type {KeyLimitsState} from '../../../../contract/key-limits.ts';
import type {Effect, KeyAsRead, PolicyAsRead, RoleAsRead} from '../../../app/effect.ts';
import type {Form} from '../../../components/form/shape.ts';

/** A few text fields; what they are for is in the `FormSpec` of that name. */
export type FormScreen = {
	readonly type: 'form';
	readonly name: FormName;
	readonly form: Form;
	/** Id of what is changed, where it is not something new. */
	readonly id?: string;
	/** The key that is changed, as it was read: what differs from it is sent. */
	readonly key?: KeyAsRead;
	/** The same of a role of keys. */
	readonly role?: RoleAsRead;
	/** The key policy that is changed, as it was read. */
	readonly policy?: PolicyAsRead;
	/** What was used of the quota that is changed, as it was read. */
	readonly quota?: KeyLimitsState['quotas'][number];
	/** What was sent last of what is made once, and for which texts: for the same it is sent again. */
	readonly sent?: {readonly values: Readonly<Record<string, string>>; readonly effect: Effect};
};
export type FormName =
	| 'createKey'
	| 'editKey'
	| 'suspendKey'
	| 'rotateKey'
	| 'createKeyRole'
	| 'editKeyRole'
	| 'editKeyPolicy'
	| 'setSharedLimits'
	| 'changeQuota'
	| 'createOrganisation'
	| 'createWebhook'
	| 'editWebhook'
	| 'replayMany'
	| 'invite'
	| 'createServiceAccount'
	| 'createClientSecret'
	| 'createUser'
	| 'changePassword'
	| 'createSource'
	| 'exportTrail'
	| 'updateSource'
	| 'useCode';
