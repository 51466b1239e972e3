import type {FormName} from '../../app/model.ts';
import {changePasswordForm} from '../change-password/state.ts';
import {createClientSecretForm} from '../client-secrets/create.ts';
import {createKeyForm} from '../create-key/state.ts';
import {createOrganisationForm} from '../create-organisation/state.ts';
import {replayManyForm} from '../replay/form.ts';
import {createWebhookForm, editWebhookForm} from '../webhooks/endpoint-form.ts';
import {inviteForm} from '../invite/state.ts';
import {createServiceAccountForm} from '../service-accounts/create.ts';
import {createSourceForm, updateSourceForm} from '../source-form/state.ts';
import {useCodeForm} from '../use-code/state.ts';
import {createUserForm} from '../users/create.ts';
import type {FormSpec} from './spec.ts';

export const formSpecs: Readonly<Record<FormName, FormSpec>> = {
	createKey: createKeyForm,
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
};
