import path from 'node:path';
import {runProgram} from '../../core/start.ts';
import {main} from '../../server/main.ts';
import {builds, partsOf} from './parts.ts';

/** A server as `latchkey server` starts it, of the build that the first argument names. */
const [name, readDelayMs = '0'] = process.argv.slice(2);
const build = builds.find((each) => each === name);
if (build === undefined) throw new Error(`no such build: ${name}`);
const migrations = path.join(import.meta.dirname, '..', '..', '..', 'migrations');
await runProgram(() => main(migrations, partsOf(build, Number(readDelayMs))));
