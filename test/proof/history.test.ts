import test from 'ava';
import {prove} from './driver.ts';
import {summarise} from './summary.ts';

/*
Short in `npm test`; long by `npm run proof`, which sets the variables.
*/
const minutes = Number(process.env['PROOF_MINUTES'] ?? 0.25);
const seed = Number(process.env['PROOF_SEED'] ?? Math.floor(Math.random() * 2 ** 32));
const isLong = process.env['PROOF_MINUTES'] !== undefined;
const servers = Number(process.env['PROOF_SERVERS'] ?? 3);

test('no server goes by old terms after the answer, whatever is killed or frozen', async (t) => {
	const durationMs = minutes * 60_000;
	t.timeout(durationMs + 150_000);
	const proof = await prove({
		seed,
		durationMs,
		servers,
		longFreezeMs: isLong ? 7000 : 5500,
		...(isLong && {onProgress: (text: string) => tell(`proof: ${text}`)}),
	});
	const summary = summarise(proof, seed);
	if (isLong) tell(summary);
	t.log(summary);
	t.is(proof.report.violations.length, 0);
	t.deepEqual(proof.uncaught, []);
	// The history says something only when it holds what it is about.
	for (const [reason, uses] of Object.entries(proof.report.forbiddenUses)) t.true(uses > 0, reason);
	t.true(proof.report.forbiddenWrites > 0);
	t.true(proof.report.validUses > 0);
	t.true(proof.report.restoredUses > 0);
	t.true(proof.report.outlivedUses > 0);
	t.true(proof.report.lapsedUses > 0);
	t.true(proof.faults.length > 0);
});

function tell(text: string): void {
	process.stderr.write(`${text}\n`);
}
