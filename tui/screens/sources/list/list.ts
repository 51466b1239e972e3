import type {Source} from '../../../../contract/sources.ts';
import type {ListSource} from '../../../app/list-source.ts';
import {all} from '../../../client/pages.ts';

/** The sources of an organisation. */
export const sourcesList: ListSource<Source> = {
	of: 'organisation',
	readers: 'sources:read',
	read: ({client, org_id}, onPart) => all(client, 'listSources', {organisation: org_id}, onPart),
};
