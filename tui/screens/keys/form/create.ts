import {allTerms} from '../../../../contract/key-terms.ts';
import {asMade, createKeyRequest} from '../../../../contract/keys.ts';
import {terms} from '../../../api-keys/terms.ts';
import {changeOf} from '../../../app/effect.ts';
import {clean} from '../../../text/clean.ts';
import {readFields} from '../../../text/typed.ts';
import {problemsOf} from '../../kinds/form/problems.ts';
import type {FormScreen} from '../../kinds/form/screen.ts';
import type {FormSpec} from '../../kinds/form/spec.ts';
import {askedFor, keyForm} from './fields.ts';

export function newCreateKeyScreen(): FormScreen {
	return {type: 'form', name: 'createKey', form: keyForm()};
}

export const createKeyForm: FormSpec = {
	title: 'new key',
	heading: ({organisation}) => `A new API key for ${clean(organisation?.name ?? '')}`,
	advice:
		'Name it after the program that will use it, such as ingest-prod. The key is shown once, in the next step.',
	busyText: 'Creating the key …',
	validate({name, ...texts}, now) {
		const {members, problems} = readFields(terms, askedFor(texts), now);
		return {...problemsOf(createKeyRequest.safeParse({name, ...members})), ...problems};
	},
	notes: (texts, now) => readFields(terms, texts, now).notes,
	act({name = '', ...texts}, {organisation, now}) {
		if (organisation === undefined) return undefined;
		const {members} = readFields(terms, askedFor(texts), now);
		return changeOf(
			'createKey',
			{org_id: organisation.id, body: {name, ...members}},
			{
				done: `Created ${clean(name)}`,
				reload: 'keys',
				// Its hint and lineage come with the list.
				adds: {hint: '', lineage_id: '', ...asMade, ...allTerms(members)},
				unknown:
					'It is not known whether the key was made. Press enter to ask again: it is made only once, and shown then.',
				reveal: {
					member: 'key',
					what: `key ${clean(name)}`,
					advice: 'Store it now, where the program that uses it can read it.',
				},
			},
		);
	},
};
