import type {ServiceAccount} from '../../../contract/service-accounts.ts';
import {changeOf} from '../../app/change.ts';
import type {FormScreen, Model} from '../../app/model.ts';
import {formOf} from '../../components/form/state.ts';
import {expiryField, expiryNotes, expiryProblems, parseExpiry} from '../../expiry.ts';
import {clean} from '../../text/clean.ts';
import type {FormSpec} from '../form/spec.ts';

/** The service account whose secrets are shown. */
export function accountOf({serviceAccounts, queries}: Model): ServiceAccount | undefined {
	return serviceAccounts.items.find(({id}) => id === queries.clientSecrets?.['id']);
}

export function newCreateClientSecretScreen(): FormScreen {
	return {type: 'form', name: 'createClientSecret', form: formOf([expiryField])};
}

export const createClientSecretForm: FormSpec = {
	title: 'new client secret',
	heading: (model) => `A new client secret of ${clean(accountOf(model)?.name ?? '')}`,
	advice: 'It is shown once, in the next step. An account has two at most.',
	busyText: 'Creating the client secret …',
	validate: ({expires_at = ''}, now) => expiryProblems(expires_at, now),
	notes: ({expires_at = ''}, now) => expiryNotes(expires_at, now),
	act({expires_at = ''}, model) {
		const account = accountOf(model);
		if (account === undefined || model.organisation === undefined) return undefined;
		const {expires_at: at} = parseExpiry(expires_at, model.now);
		const name = clean(account.name);
		return changeOf(
			'createClientSecret',
			{
				org_id: model.organisation.id,
				id: account.id,
				body: at === undefined ? {} : {expires_at: at},
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
