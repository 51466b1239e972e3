import path from 'node:path';
import {shippedParts} from '../../core/deps.ts';
import {runProgram} from '../../core/start.ts';
import {main} from '../../server/main.ts';

/** A server as `latchkey server` starts it, that understands the terms of keys of the version in the first argument. */
const termsVersion = Number(process.argv[2]);
const migrations = path.join(import.meta.dirname, '..', '..', '..', 'migrations');
await runProgram(() => main(migrations, {...shippedParts, termsVersion}));
