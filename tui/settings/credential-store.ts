import path from 'node:path';
import {inFile, sessionFile} from '../session/file.ts';
import {writable} from '../session/private-file.ts';
import {type CredentialStore, inMemory} from '../session/session.ts';
import type {Environment} from './environment.ts';
import {stateFolder} from './state-folder.ts';

/** A file where there can be one; where it need not be, else this process alone. */
export function credentialStore(
	url: URL,
	environment: Environment,
	persistence: 'required' | 'if possible',
): CredentialStore {
	const file = sessionFileAt(url, environment);
	if (persistence === 'required' || writable(path.dirname(file))) return inFile(file, url);
	return inMemory();
}

export function sessionFileAt(url: URL, environment: Environment): string {
	return sessionFile(stateFolder(environment), url);
}
