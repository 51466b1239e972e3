import type {Organisation} from '../../../../contract/organisations.ts';
import type {ListSource} from '../../../app/list-source.ts';

/** The organisations that one can see. */
export const organisationsList: ListSource<Organisation> = {
	of: 'user',
	readers: 'everybody',
	read: async ({client}) => (await client.call('listOrganisations', {})).body,
};
