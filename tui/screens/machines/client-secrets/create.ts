import type {ServiceAccount} from '../../../../contract/service-accounts.ts';
import {changeOf} from '../../../app/effect.ts';
import type {FormScreen} from '../../kinds/form/screen.ts';
import type {Model} from '../../../app/model.ts';
import {fieldsOf, formOf} from '../../../components/form/state.ts';
import {expiry} from '../../../api-keys/expiry.ts';
import {clean} from '../../../text/clean.ts';
import {readFields} from '../../../text/typed.ts';
import type {FormSpec} from '../../kinds/form/spec.ts';

/** The service account whose secrets are shown. */
export function accountOf({serviceAccounts, queries}: Model): ServiceAccount | undefined {
	return serviceAccounts.items.find(({id}) => id === queries.clientSecrets?.['id']);
}

const fields = {expires_at: expiry};

export function newCreateClientSecretScreen(): FormScreen {
	return {type: 'form', name: 'createClientSecret', form: formOf(fieldsOf(fields))};
}

export const createClientSecretForm: FormSpec = {
	title: 'new client secret',
	heading: (model) => `A new client secret of ${clean(accountOf(model)?.name ?? '')}`,
	advice: 'It is shown once, in the next step. An account has two at most.',
	busyText: 'Creating the client secret …',
	validate: (texts, now) => readFields(fields, texts, now).problems,
	notes: (texts, now) => readFields(fields, texts, now).notes,
	act(texts, model) {
		const account = accountOf(model);
		if (account === undefined || model.organisation === undefined) return undefined;
		const name = clean(account.name);
		return changeOf(
			'createClientSecret',
			{
				org_id: model.organisation.id,
				id: account.id,
				body: readFields(fields, texts, model.now).members,
			},
			{
				done: `Created a client secret of ${name}`,
				reload: 'clientSecrets',
				reveal: {
					member: 'client_secret',
					what: `client secret of ${name}`,
					advice: `Its client id is ${account.id}. Store both where the program reads them, such as LATCHKEY_CLIENT_ID and LATCHKEY_CLIENT_SECRET_FILE of this console.`,
				},
			},
		);
	},
};
