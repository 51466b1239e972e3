import {parseArgs} from 'node:util';
import {toTimestamp} from '../contract/text.ts';
import {bySystem} from '../core/actor.ts';
import {loadOperateConfig} from '../core/config/config.ts';
import {connectDatabase} from '../core/db/connect.ts';
import {checkOutput, handOver} from '../tui/commands/hand-over.ts';
import {Failure} from '../tui/failure.ts';
import {recoverUser, unlockUser} from '../core/people/recovery.ts';

const usage = `Usage: latchkey admin unlock --email EMAIL
       latchkey admin recover --email EMAIL [--operator]

At the machine, for those who cannot get in; the audit trail has an entry of it.

  unlock      lifts the delay after failed logins
  recover     enables and unlocks the account, ends its sessions, and prints a
              one-time code to set a new password, good for 30 minutes
  --operator  makes it an operator, too

Exit status: 0 done, 1 failed or no such user, 2 wrong use, 78 the settings do not fit.
`;

const options = {
	email: {type: 'string'},
	operator: {type: 'boolean'},
	help: {type: 'boolean', short: 'h'},
} as const;

type Wanted =
	| 'help'
	| {command: 'unlock'; email: string}
	| {command: 'recover'; email: string; makeOperator: boolean};

/**
 * `latchkey admin`: lets people in again, by way of the database.
 *
 * @returns the exit status
 * @throws {ConfigurationError}
 */
export async function main(
	args: readonly string[],
	environment: NodeJS.ProcessEnv,
): Promise<number> {
	const wanted = parse(args);
	if (wanted === undefined || wanted === 'help') {
		(wanted === 'help' ? process.stdout : process.stderr).write(usage);
		return wanted === 'help' ? 0 : 2;
	}
	const config = loadOperateConfig(environment);
	const db = connectDatabase({...config.database, poolMax: 1}, 'operate');
	const by = bySystem(`latchkey admin ${wanted.command}`);
	try {
		if (wanted.command === 'unlock') {
			const user = await unlockUser(db, by, wanted.email);
			return user === undefined ? noSuchUser(wanted.email) : say(`${user.email} may log in again`);
		}
		checkOutput(process);
		const user = await recoverUser(db, by, wanted.email, wanted);
		if (user === undefined) return noSuchUser(wanted.email);
		await handOver(
			process,
			text(
				`${user.email} is enabled${user.isOperator ? ', an operator' : ''}, and logged out everywhere.`,
				`Code to set a new password, good until ${toTimestamp(user.expiresAt)}, shown this once:`,
				'',
				`  ${user.code}`,
				'',
				'Use it in the console, at the log-in with Ctrl-O, or with `latchkey password reset`.',
			),
		);
		return 0;
	} catch (error) {
		if (!(error instanceof Failure)) throw error;
		const again = 'Run it again: the code that is made then ends any that reached nobody.';
		process.stderr.write(`latchkey: ${error.message}. ${again}\n`);
		return 1;
	} finally {
		await db.destroy();
	}
}

function say(...lines: string[]): number {
	process.stdout.write(text(...lines));
	return 0;
}

function text(...lines: string[]): string {
	return `${lines.join('\n')}\n`;
}

function noSuchUser(email: string): number {
	process.stderr.write(`There is no user with the email ${JSON.stringify(email)}.\n`);
	return 1;
}

/** @returns undefined where nothing sensible is asked for */
function parse(args: readonly string[]): Wanted | undefined {
	try {
		const {values, positionals} = parseArgs({args: [...args], options, allowPositionals: true});
		if (values.help === true) return 'help';
		const [command] = positionals;
		const {email, operator: makeOperator = false} = values;
		if (positionals.length !== 1 || email === undefined || email === '') return undefined;
		if (command === 'recover') return {command, email, makeOperator};
		return command === 'unlock' && !makeOperator ? {command, email} : undefined;
	} catch {
		return undefined;
	}
}
