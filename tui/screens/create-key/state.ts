import {createKeyRequest} from '../../../contract/keys.ts';
import type {FormScreen} from '../../app/model.ts';
import {formOf} from '../../components/form/state.ts';
import {expiryField, expiryNotes, expiryProblems, parseExpiry} from '../../expiry.ts';
import {clean} from '../../text/clean.ts';
import type {FormSpec} from '../form/spec.ts';
import {problemsOf} from '../problems.ts';

export function newCreateKeyScreen(): FormScreen {
	return {
		type: 'form',
		name: 'createKey',
		form: formOf([{name: 'name', label: 'Name'}, expiryField]),
	};
}

export const createKeyForm: FormSpec = {
	title: 'new key',
	heading: ({organisation}) => `A new API key for ${clean(organisation?.name ?? '')}`,
	advice:
		'Name it after the program that will use it, such as ingest-prod. The key is shown once, in the next step.',
	busyText: 'Creating the key …',
	validate: ({name, expires_at = ''}, now) => ({
		...problemsOf(createKeyRequest.safeParse({name})),
		...expiryProblems(expires_at, now),
	}),
	notes: ({expires_at = ''}, now) => expiryNotes(expires_at, now),
	act({name = '', expires_at = ''}, {organisation, now}) {
		if (organisation === undefined) return undefined;
		const {expires_at: at} = parseExpiry(expires_at, now);
		const wanted = at === undefined ? {name} : {name, expires_at: at};
		return {do: 'createKey', organisation: organisation.id, ...wanted};
	},
};
