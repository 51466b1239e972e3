import type {Command} from './command.ts';
import {createKey, listKeys, revokeKeys} from './keys.ts';
import {createOrganisation, listOrganisations} from './organisations.ts';
import {logIn, logOut, whoAmI} from './people.ts';
import {listSources} from './sources.ts';
import {status} from './status.ts';

/** Every scripting command, in the order help shows them. */
export const commands: readonly Command[] = [
	listKeys,
	createKey,
	revokeKeys,
	listOrganisations,
	createOrganisation,
	listSources,
	logIn,
	logOut,
	whoAmI,
	status,
];
