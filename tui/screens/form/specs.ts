import type {FormName} from '../../app/model.ts';
import {createKeyForm} from '../create-key/state.ts';
import {createOrganisationForm} from '../create-organisation/state.ts';
import type {FormSpec} from './spec.ts';

export const formSpecs: Readonly<Record<FormName, FormSpec>> = {
	createKey: createKeyForm,
	createOrganisation: createOrganisationForm,
};
