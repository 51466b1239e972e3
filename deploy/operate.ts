import {spawn} from 'node:child_process';
import {once} from 'node:events';
import path from 'node:path';
import {ConfigurationError, exitConfiguration} from '../core/config/load.ts';
import {forgetServiceLinks} from '../core/config/service-links.ts';
import {projectDirectory} from '../core/project-directory.ts';
import {postgresEnvironment, programEnvironment} from './embedded/environment.ts';
import {StartRefused} from './embedded/errors.ts';
import {findPostgresHome} from './embedded/postgres/home.ts';
import {passwordFile} from './embedded/postgres/passwords.ts';
import {addressOf} from './embedded/postgres/postgres.ts';
import {readSettings} from './embedded/settings.ts';
import {usage} from './operate-usage.ts';

/*
`npm run operate -- <command>`: a command at the machine, such as `secrets rotate`, on what `npm
start` runs.
*/

const entry = path.join(import.meta.dirname, 'latchkey.js');

const command = process.argv.slice(2);
forgetServiceLinks(process.env);

try {
	if (['-h', '--help', undefined].includes(command[0])) process.stdout.write(usage);
	else process.exitCode = await run(command);
} catch (error) {
	if (!(error instanceof StartRefused || error instanceof ConfigurationError)) throw error;
	console.error(error.message);
	process.exitCode = exitConfiguration;
}

async function run(command: readonly string[]): Promise<number> {
	const child = spawn(process.execPath, [entry, ...command], {
		env: await environment(),
		stdio: 'inherit',
	});
	const [code] = (await once(child, 'exit')) as [number | null];
	return code ?? 1;
}

async function environment(): Promise<NodeJS.ProcessEnv> {
	const settings = readSettings(process.env, projectDirectory);
	const env = programEnvironment(settings);
	if (!settings.startPostgres) return env;
	const address = await addressOf(await findPostgresHome(settings.dataDirectory));
	if (address === undefined) {
		throw new StartRefused(
			`Nothing runs on ${settings.dataDirectory}: start it first with npm start, or name another data directory with LATCHKEY_DATA_DIR.`,
		);
	}
	return {...env, ...postgresEnvironment(address, passwordFile(settings.dataDirectory, 'user'))};
}
