import {fork} from 'node:child_process';
import {once} from 'node:events';
import {readFileSync} from 'node:fs';
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {createRedisNames} from '../../core/redis/names.ts';
import type {TestRedis} from '../helpers/services.ts';
import {limitedKeys, organisationId, ownLimits, type Record} from './limits-keys.ts';
import {mostInWindow, Reference, type Defined} from './limits-reference.ts';

export type LimitsProof = {
	uses: number;
	accepted: number;
	/** Uses that came to something else than the reference says. */
	differences: number;
	/** Uses that Redis did not decide. */
	undecided: number;
	/** By which limit or quota a use was refused first, as the reference has them. */
	refused: number;
	/** Of each limit, the most in any window, and what is allowed. */
	windows: {name: string; most: number; bound: number}[];
	/** Commands, and two of them in the same microsecond, whose order cannot be told. */
	commands: number;
	ties: number;
};

/** Uses the same keys from several processes at once, and holds what came of it against the reference. */
export async function proveLimits(
	redis: TestRedis,
	{uses, processes, seed}: {uses: number; processes: number; seed: number},
): Promise<LimitsProof> {
	const directory = await mkdtemp(path.join(tmpdir(), 'latchkey-limits-'));
	try {
		const outputs = Array.from({length: processes}, (_each, i) =>
			path.join(directory, `${i}.json`),
		);
		await Promise.all(
			outputs.map((output, i) => run(redis, {uses: uses / processes, seed: seed + i, output})),
		);
		const results = outputs.map(
			(output) => JSON.parse(readFileSync(output, 'utf8')) as {records: Record[]; wrong: number},
		);
		return judge(
			results.flatMap(({records}) => records).toSorted((a, b) => a.at - b.at),
			results.reduce((sum, {wrong}) => sum + wrong, 0),
		);
	} finally {
		await rm(directory, {recursive: true, force: true});
	}
}

async function run(
	redis: TestRedis,
	task: {uses: number; seed: number; output: string},
): Promise<void> {
	const child = fork(path.join(import.meta.dirname, 'limits-load.js'), {
		env: {...process.env, PROOF_LIMITS: JSON.stringify({...task, redis: redis.config})},
	});
	const [code] = (await once(child, 'exit')) as [number | null];
	if (code !== 0) throw new Error(`a process that uses keys ended with ${code}`);
}

function judge(records: readonly Record[], undecided: number): LimitsProof {
	const reference = new Reference(definitions());
	const accepted = new Map<string, number[]>();
	const proof = {uses: 0, accepted: 0, differences: 0, refused: 0, ties: 0};
	for (const [i, {at, verdicts}] of records.entries()) {
		if (at === records[i + 1]?.at) proof.ties++;
		for (const [names, verdict] of verdicts) {
			// A quota is begun, and the use asked about again.
			if (verdict < 0) continue;
			proof.uses++;
			const isAccepted = reference.arrive({at, names});
			if (isAccepted !== (verdict === 1)) proof.differences++;
			if (verdict !== 1) proof.refused++;
			if (verdict !== 1) continue;
			proof.accepted++;
			for (const name of names) {
				const times = accepted.get(name);
				if (times === undefined) accepted.set(name, [at]);
				else times.push(at);
			}
		}
	}
	const windows = [...definitions()].flatMap(([name, defined]) =>
		'window_seconds' in defined
			? [
					{
						name,
						most: mostInWindow(accepted.get(name) ?? [], defined),
						bound: defined.burst + defined.limit,
					},
				]
			: [],
	);
	return {...proof, undecided, windows, commands: records.length};
}

/** By name in Redis. */
function definitions(): Map<string, Defined> {
	const names = createRedisNames('latchkey');
	const {rate_limits, quota, shared} = ownLimits;
	return new Map<string, Defined>([
		...limitedKeys.flatMap((id): [string, Defined][] => [
			...rate_limits.map((limit): [string, Defined] => [
				names.limit(organisationId, `k:${id}`, limit.name),
				limit,
			]),
			[names.quota(organisationId, `k:${id}`, 0), quota],
		]),
		...shared.flatMap(({subject, rate_limits: limits}) =>
			limits.map((limit): [string, Defined] => [
				names.limit(organisationId, `${subject.kind}:${subject.id}`, limit.name),
				limit,
			]),
		),
	]);
}
