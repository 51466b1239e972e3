import {runProgram} from '../../core/start.ts';
import {main} from '../../deploy/migrate.ts';

/* `latchkey migrate` on a folder of the test's own: node migrator.js <folder>. */

await runProgram(() => main(process.argv[2] ?? ''));
