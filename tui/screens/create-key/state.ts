import {createKeyRequest} from '../../../contract/keys.ts';
import type {FormScreen} from '../../app/model.ts';
import {formOf} from '../../components/form/state.ts';
import {clean} from '../../text/clean.ts';
import type {FormSpec} from '../form/spec.ts';
import {problemsOf} from '../problems.ts';

export function newCreateKeyScreen(): FormScreen {
	return {type: 'form', name: 'createKey', form: formOf([{name: 'name', label: 'Name'}])};
}

export const createKeyForm: FormSpec = {
	title: 'new key',
	heading: ({organisation}) => `A new API key for ${clean(organisation?.name ?? '')}`,
	advice:
		'Name it after the program that will use it, such as ingest-prod. The key does not expire and is shown once, in the next step.',
	busyText: 'Creating the key …',
	validate: (values) => problemsOf(createKeyRequest.safeParse(values)),
	act: ({name = ''}, {organisation}) =>
		organisation === undefined ? undefined : {do: 'createKey', organisation: organisation.id, name},
};
