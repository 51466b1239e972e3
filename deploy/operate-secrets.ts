import {parseArgs} from 'node:util';
import {bySystem} from '../core/actor.ts';
import {loadOperateConfig, masterKeyFile, readMasterKeys} from '../core/config/config.ts';
import {connectDatabase} from '../core/db/connect.ts';
import {claimMasterKeys} from '../core/secrets/master-keys.ts';
import {createVault} from '../core/secrets/vault.ts';
import {replaceSigningKeys, rotateSigningKey} from '../core/signing/rotation.ts';
import {toTimestamp} from '../contract/text.ts';
import {dropOldMasterKeys, rotateMasterKey} from './rotate-master-key.ts';

const usage = `Usage: latchkey secrets rotate [OPTIONS]

At the machine, while everything runs. What it makes is noticed within seconds.

  --signing-keys           a new key for access tokens; it signs after ten minutes,
                           the old one verifies until its tokens have expired
  --audit-key              a new key for heads of the audit trail
  --at-once                with these two: the old key ends now, because others may
                           know it; people's programs fetch a new access token
  --master-key             a new master key; encrypts everything anew with it
  --drop-old-master-keys   removes those from the secrets that nothing needs any more

Exit status: 0 done, 1 failed, 2 wrong use, 78 the secrets do not fit.
`;

const options = {
	'signing-keys': {type: 'boolean'},
	'audit-key': {type: 'boolean'},
	'at-once': {type: 'boolean'},
	'master-key': {type: 'boolean'},
	'drop-old-master-keys': {type: 'boolean'},
	help: {type: 'boolean', short: 'h'},
} as const;

type Wanted = Partial<Record<keyof typeof options, boolean>>;

/**
 * `latchkey secrets`: what an operator does with keys, by way of the database.
 *
 * @returns the exit status
 * @throws {ConfigurationError | SecretsError}
 */
export async function main(
	args: readonly string[],
	environment: NodeJS.ProcessEnv,
): Promise<number> {
	const say = (text: string) => process.stdout.write(`${text}\n`);
	const wanted = parse(args);
	if (wanted?.help === true) {
		process.stdout.write(usage);
		return 0;
	}
	if (wanted === undefined) {
		process.stderr.write(usage);
		return 2;
	}
	await rotate(wanted, environment, say);
	return 0;
}

/** @returns undefined where nothing sensible is asked for */
function parse(args: readonly string[]): Wanted | undefined {
	try {
		const {values, positionals} = parseArgs({args: [...args], options, allowPositionals: true});
		if (values.help === true) return values;
		if (positionals.length !== 1 || positionals[0] !== 'rotate') return undefined;
		const isSigning = values['signing-keys'] === true || values['audit-key'] === true;
		if (values['at-once'] === true && !isSigning) return undefined;
		return Object.keys(values).length === 0 ? undefined : values;
	} catch {
		return undefined;
	}
}

async function rotate(
	wanted: Wanted,
	environment: NodeJS.ProcessEnv,
	say: (text: string) => void,
): Promise<void> {
	const config = loadOperateConfig(environment);
	const db = connectDatabase({...config.directDatabase, poolMax: 2}, 'operate', {
		statementTimeoutMs: 30_000,
		queryTimeoutMs: 31_000,
	});
	try {
		const read = () => readMasterKeys(environment);
		await claimMasterKeys(db, read);
		const keys = {db, read, file: masterKeyFile(environment), say};
		if (wanted['master-key'] === true) await rotateMasterKey(keys);
		const vault = createVault(read());
		const change = wanted['at-once'] === true ? replaceSigningKeys : rotateSigningKey;
		for (const [option, purpose] of [
			['signing-keys', 'access_token'],
			['audit-key', 'audit'],
		] as const) {
			if (wanted[option] !== true) continue;
			const made = await change(db, vault, purpose, bySystem('latchkey secrets'));
			say(`${purpose}: key ${made.kid} signs from ${toTimestamp(made.activatedAt)} on`);
		}
		if (wanted['drop-old-master-keys'] === true) await dropOldMasterKeys(keys);
	} finally {
		await db.destroy();
	}
}
