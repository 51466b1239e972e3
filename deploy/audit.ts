import {open, readFile} from 'node:fs/promises';
import {parseArgs} from 'node:util';
import type {Knex} from 'knex';
import type {Finding} from '../core/audit/chain.ts';
import {isChain, isHash, parseHead} from '../core/audit/proof/export-format.ts';
import {
	auditKeys,
	readAuditKeys,
	type AuditKeys,
	type HeldHead,
} from '../core/audit/proof/heads.ts';
import {linesOf} from '../core/audit/proof/lines.ts';
import {applianceChain} from '../core/audit/trail/record.ts';
import {findNextChain} from '../core/audit/store.ts';
import {UnusableExport, verifyExport} from '../core/audit/proof/verify-export.ts';
import {verifyChain, type Verified} from '../core/audit/proof/verify.ts';
import {loadOperateConfig} from '../core/config/config.ts';
import {ConfigurationError} from '../core/config/load.ts';
import {connectDatabase} from '../core/db/connect.ts';
import {isUnavailable} from '../core/db/faults.ts';

const usage = `Usage: latchkey audit verify [FILE] [OPTIONS]

Checks every entry of the audit trail against its hash and the one before, and the
end of each chain against every head that was signed. With FILE, an export of
latchkey audit export, without a database.

  --org ID            only its chain, or ${applianceChain}
                      for that of the appliance; without it: all of them
  --head HEAD         compare with a head that was kept elsewhere: a log line
                      "audit head signed", the last line of an export, or
                      SEQUENCE:HASH[:SIGNATURE] of --org; may be repeated
  --keys FILE|URL     public keys, as /.well-known/audit-keys.json gives them, or
                      the server that is asked for them; without it: those in
                      the database. Keys from whoever gave the export prove that
                      it is whole; keys that were kept, also that it is theirs
  --file FILE         as FILE, and --organization as --org: their earlier names

Exit status: 0 everything is as it was written, 1 something is not, 2 wrong use or
a file that cannot be used, 75 the database cannot be asked, 78 configuration.
`;

const options = {
	org: {type: 'string'},
	organization: {type: 'string'},
	head: {type: 'string', multiple: true},
	keys: {type: 'string'},
	file: {type: 'string'},
	help: {type: 'boolean', short: 'h'},
} as const;

const exitFault = 1;
const exitUsage = 2;
/** EX_TEMPFAIL of sysexits.h. */
const exitUnavailable = 75;

type Wanted = {
	organization: string | undefined;
	kept: readonly HeldHead[];
	keys: AuditKeys | undefined;
	file: string | undefined;
};

/** Where a command writes: the process itself, or in its place. */
type Output = Record<'stdout' | 'stderr', {write: (text: string) => unknown}>;

/** What was asked for cannot be done; the message says why. */
class UsageError extends Error {}

/**
 * `latchkey audit`: proves the audit trail, at the machine or anywhere else.
 *
 * @returns the exit status
 * @throws {ConfigurationError}
 */
export async function main(
	args: readonly string[],
	environment: NodeJS.ProcessEnv,
	{stdout, stderr}: Output = process,
): Promise<number> {
	const say = (text: string) => void stdout.write(`${text}\n`);
	const complain = (text: string) => void stderr.write(`${text}\n`);
	try {
		const wanted = await parse(args);
		if (wanted === 'help') {
			stdout.write(usage);
			return 0;
		}
		return wanted.file === undefined
			? await verifyDatabase(wanted, environment, say)
			: report(await verifyFile(wanted.file, wanted), say);
	} catch (error) {
		if (error instanceof ConfigurationError || !(error instanceof Error)) throw error;
		if (error instanceof UsageError || error instanceof UnusableExport) {
			complain(`Nothing is proved: ${error.message}`);
			return exitUsage;
		}
		const code = 'code' in error ? ` (${String(error.code)})` : '';
		if (isUnavailable(error)) {
			complain(`Nothing is proved: PostgreSQL cannot be asked${code}`);
			return exitUnavailable;
		}
		const isForeign = 'severity' in error;
		complain(`Nothing is proved: ${isForeign ? `PostgreSQL refused${code}` : error.message}`);
		return exitUsage;
	}
}

async function parse(args: readonly string[]): Promise<Wanted | 'help'> {
	let parsed;
	try {
		parsed = parseArgs({args: [...args], options, allowPositionals: true});
	} catch (error) {
		const [sentence] = (error instanceof Error ? error.message : '').split('. ');
		throw new UsageError(`${sentence}. See \`latchkey audit verify --help\``);
	}
	const {values, positionals} = parsed;
	if (values.help === true) return 'help';
	const [verb, ...files] = positionals;
	if (verb !== 'verify') throw new UsageError('`latchkey audit verify` is what proves');
	if (values.file !== undefined) files.push(values.file);
	const [file, ...more] = files;
	if (more.length > 0) throw new UsageError('one export at a time');
	const organization = values.org ?? values.organization;
	if (organization !== undefined && !isChain(organization)) {
		throw new UsageError('--org is not an id');
	}
	return {
		organization,
		file,
		kept: (values.head ?? []).map((text) => headOf(text, organization)),
		keys: values.keys === undefined ? undefined : await readKeys(values.keys),
	};
}

function headOf(text: string, organization: string | undefined): HeldHead {
	const head = parseHead(text);
	if (head !== undefined) return head;
	const [sequence = '', hash, signature] = text.split(':');
	if (!/^[1-9]\d{0,14}$/.test(sequence) || !isHash(hash)) {
		throw new UsageError('--head is neither a log line nor SEQUENCE:HASH:SIGNATURE');
	}
	return {
		chain: organization ?? applianceChain,
		sequence: Number(sequence),
		hash: Buffer.from(hash, 'hex'),
		signature: signature === undefined ? undefined : Buffer.from(signature, 'hex'),
	};
}

async function readKeys(place: string): Promise<AuditKeys> {
	const file = /^https?:\/\//.test(place)
		? new URL('/.well-known/audit-keys.json', place).href
		: place;
	try {
		const text = file === place ? await readFile(file, 'utf8') : await fetched(file);
		const {keys} = JSON.parse(text) as {
			keys: Parameters<typeof auditKeys>[0];
		};
		const read = auditKeys(keys);
		if (read.size > 0) return read;
	} catch (error) {
		const code = error instanceof Error && 'code' in error ? String(error.code) : 'not a key set';
		throw new UsageError(`${file} cannot be used (${code})`);
	}
	throw new UsageError(`${file} holds no key`);
}

async function fetched(url: string): Promise<string> {
	const answer = await fetch(url, {redirect: 'error', signal: AbortSignal.timeout(10_000)});
	if (!answer.ok) throw Object.assign(new Error(), {code: `it answers ${answer.status}`});
	return answer.text();
}

async function verifyFile(file: string, {keys, kept}: Wanted): Promise<Finding | Verified> {
	if (keys === undefined) {
		throw new UsageError(
			'an export needs the keys that signed it: --keys FILE, or --keys URL to ask the server for them',
		);
	}
	const handle = await open(file).catch((error: NodeJS.ErrnoException) => {
		throw new UsageError(`${file} cannot be read (${error.code})`);
	});
	const lines = linesOf(handle.createReadStream({highWaterMark: 1 << 20}));
	return verifyExport({lines, keys, kept});
}

async function verifyDatabase(
	wanted: Wanted,
	environment: NodeJS.ProcessEnv,
	say: (text: string) => void,
): Promise<number> {
	const {database} = loadOperateConfig(environment);
	const db = connectDatabase({...database, poolMax: 3}, 'audit', {
		statementTimeoutMs: 30_000,
		queryTimeoutMs: 31_000,
	});
	try {
		const keys = wanted.keys ?? (await readAuditKeys(db));
		const totals = {chains: 0, entries: 0, signedHeads: 0, faults: 0};
		for await (const chain of chainsOf(db, wanted)) {
			const kept = wanted.kept.filter((head) => head.chain === chain);
			const outcome = await verifyChain({db, chain, keys, kept});
			totals.chains++;
			if ('fault' in outcome) {
				totals.faults++;
				report(outcome, say);
			} else {
				totals.entries += outcome.entries;
				totals.signedHeads += outcome.signedHeads;
				if (wanted.organization !== undefined) return report(outcome, say);
			}
		}
		if (totals.faults > 0) return exitFault;
		const {chains, entries, signedHeads} = totals;
		say(`${chains} chains, ${entries} entries, ${signedHeads} signed heads: all as written`);
		return 0;
	} finally {
		await db.destroy();
	}
}

/** Every chain there is, and those of the heads that were kept. */
async function* chainsOf(db: Knex, {organization, kept}: Wanted): AsyncGenerator<string, void> {
	if (organization !== undefined) {
		yield organization;
		return;
	}
	const named = new Set(kept.map(({chain}) => chain));
	for (let chain: string | undefined = applianceChain; chain !== undefined;) {
		named.delete(chain);
		yield chain;
		chain = await findNextChain(db, chain);
	}
	yield* named;
}

function report(outcome: Finding | Verified, say: (text: string) => void): number {
	if ('fault' in outcome) {
		say(`chain ${outcome.chain}: ${outcome.fault}`);
		return exitFault;
	}
	const {head, entries, signedHeads} = outcome;
	say(
		`chain ${head.chain}: ${entries} entries, ${signedHeads} signed heads: all as written; ends with ${head.sequence}:${head.hash.toString('hex')}`,
	);
	return 0;
}
