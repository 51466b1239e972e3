import fs from 'node:fs';
import module from 'node:module';
import path from 'node:path';
import type {Environment} from './environment.ts';
import {stateFolder} from './state-folder.ts';

/**
 * Has Node keep what it compiles of this program for the next start, which then takes two thirds of the
 * time. What lies there is run as the program is: only a folder will do that nobody else can change.
 * Without one it is compiled each time; NODE_DISABLE_COMPILE_CACHE=1 asks for that.
 */
export function keepCompiled(environment: Environment): void {
	const folder = path.join(stateFolder(environment), 'compiled');
	try {
		fs.mkdirSync(folder, {recursive: true, mode: 0o700});
		if (isOursAlone(folder)) module.enableCompileCache(folder);
	} catch {
		// No home, or one that cannot be written.
	}
}

/** Whether nobody but this user and root can change what is in a folder, or put another in its place. */
export function isOursAlone(folder: string): boolean {
	const user = process.geteuid?.();
	if (user === undefined) return false;
	const real = fs.realpathSync(folder);
	for (let at = real; ; at = path.dirname(at)) {
		const {uid, mode} = fs.statSync(at);
		const isTrusted = uid === user || uid === 0;
		const isSticky = (mode & 0o1000) !== 0 && at !== real;
		if (!isTrusted || ((mode & 0o022) !== 0 && !isSticky)) return false;
		if (path.dirname(at) === at) return true;
	}
}
