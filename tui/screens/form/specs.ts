import type {FormName} from '../../app/model.ts';
import {createKeyForm} from '../create-key/state.ts';
import {createOrganisationForm} from '../create-organisation/state.ts';
import {replayManyForm} from '../replay/form.ts';
import {createWebhookForm, editWebhookForm} from '../webhooks/endpoint-form.ts';
import type {FormSpec} from './spec.ts';

export const formSpecs: Readonly<Record<FormName, FormSpec>> = {
	createKey: createKeyForm,
	createOrganisation: createOrganisationForm,
	createWebhook: createWebhookForm,
	editWebhook: editWebhookForm,
	replayMany: replayManyForm,
};
