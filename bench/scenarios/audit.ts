import type {Knex} from 'knex';
import {readAuditKeys} from '../../core/audit/proof/heads.ts';
import {verifyChain} from '../../core/audit/proof/verify.ts';
import type {DatabaseConfig} from '../../core/config/config.ts';
import {createCaller, logIn} from '../caller.ts';
import {layOut, rounded, spread} from '../figures.ts';
import type {Scenario} from '../scenario.ts';
import {connectBench} from '../statements.ts';

const entriesPerTransaction = 100;
const entriesPerStatement = 20_000;
const warmUp = 5;

/** The chain of one organisation with a million entries: its proof, and pages of it. */
export const audit: Scenario = {
	name: 'audit',
	title: 'the audit trail with a million entries in one chain',
	keys: () => 1,
	isLong: true,
	async run(bench) {
		const {options, fixture, services, say} = bench;
		const {auditEntries, samples} = options.sizes;
		const db = connectBench(services.database);
		const caller = createCaller(bench.signal);
		const faults: string[] = [];
		try {
			const chain = fixture.known[0]?.organisationId ?? '';
			const filledAt = performance.now();
			await fill(services.database, chain, auditEntries);
			say(
				`${auditEntries} entries written in ${Math.round((performance.now() - filledAt) / 1000)} s`,
			);

			const keys = await readAuditKeys(db);
			const before = process.cpuUsage();
			const peakBefore = process.resourceUsage().maxRSS;
			const begunAt = performance.now();
			const outcome = await verifyChain({db, chain, keys});
			const seconds = (performance.now() - begunAt) / 1000;
			const {user, system} = process.cpuUsage(before);
			const cpuSeconds = (user + system) / 1e6;
			const grownMb = (process.resourceUsage().maxRSS - peakBefore) / 1024;
			if ('fault' in outcome) faults.push(`the trail does not verify: ${outcome.fault}`);

			const server = await bench.startServer();
			const jwt = await logIn(caller, server);
			const trail = `/api/v1/organizations/${chain}/audit`;
			const middle = await middleOf(db, chain, auditEntries);
			const pages = [
				['newest', 'newest 100', trail],
				['action', 'one action', `${trail}?action=key.revoked`],
				['absent', 'an action that nobody did', `${trail}?action=setup.completed`],
				['refused', 'refused', `${trail}?outcome=refused`],
				['until', 'until the middle', `${trail}?until=${middle}`],
				['after', 'after the middle', `${trail}?after=${Math.floor(auditEntries / 2)}`],
			] as const;
			const rows = [];
			for (const [name, title, path] of pages) {
				const times: number[] = [];
				for (let i = 0; i < samples + warmUp; i++) {
					const answer = await caller.send(server, path, {bearer: jwt});
					if (answer.status !== 200) faults.push(`${title}: answered ${answer.status}`);
					if (i >= warmUp) times.push(answer.ms);
				}
				rows.push({name, title, ...spread(times)});
			}
			const verification = {
				seconds: rounded(seconds, 1),
				cpuSeconds: rounded(cpuSeconds, 1),
				grownMb: rounded(grownMb, 1),
			};
			return {
				result: {auditEntries, verification, pages: rows},
				table: [
					`verified in ${verification.seconds} s (${verification.cpuSeconds} s of CPU here, PostgreSQL's besides), ` +
						`the peak of memory grew by ${verification.grownMb} MB`,
					layOut(
						[`${auditEntries.toLocaleString('en')} entries`, 'p50 ms', 'p99 ms', 'max ms'],
						rows.map(({title, p50Ms, p99Ms, maxMs}) => [
							title,
							...[p50Ms, p99Ms, maxMs].map((ms) => ms.toFixed(1)),
						]),
					),
				].join('\n'),
				faults,
			};
		} finally {
			caller.close();
			await db.destroy();
		}
	},
};

/** Entries as the product writes them, many in a transaction. */
async function fill(database: DatabaseConfig, chain: string, entries: number): Promise<void> {
	// One connection: what is set for it holds for the following blocks.
	const db = connectBench({...database, poolMax: 1});
	try {
		for (let written = 0; written < entries; written += entriesPerStatement) {
			const count = Math.min(entriesPerStatement, entries - written);
			// A block takes no parameters: they are passed as settings.
			await db.raw(
				"select set_config('bench.chain', ?, false), set_config('bench.count', ?, false)",
				[chain, String(Math.ceil(count / entriesPerTransaction))],
			);
			await db.raw(fillStatement);
		}
		await db.raw('analyze audit_entries');
	} finally {
		await db.destroy();
	}
}

const fillStatement = `do $$
begin
	for transaction in 1..current_setting('bench.count')::integer loop
		insert into audit_entries (chain, content)
		select current_setting('bench.chain')::uuid, format(
			'{"action":"%s","outcome":"%s","actor":{"type":"user","id":"%s","name":"admin@example.com",'
			'"session_id":"%s"},"target":{"type":"api_key","id":"%s","name":"key of the web shop"},'
			'"address":"203.0.113.7","request_id":"req_0123456789abcdef00000001",'
			'"details":{"hint":"hklst_abcdef","expires_at":null}}',
			(array['key.created', 'key.revoked', 'source.created', 'source.updated'])[1 + i % 4],
			case when i = 50 then 'refused' else 'success' end,
			md5((i % 97)::text)::uuid, gen_random_uuid(), gen_random_uuid())
		from generate_series(1, ${entriesPerTransaction}) as i;
		commit;
	end loop;
end
$$`;

async function middleOf(db: Knex, chain: string, entries: number): Promise<string> {
	const row = await db('audit_entries')
		.where({chain, sequence: String(Math.floor(entries / 2))})
		.first('recorded_at');
	return row?.recorded_at.toISOString() ?? '';
}
