import test from 'ava';
import {createRedis} from '../helpers/services.ts';
import {proveLimits} from './limits.ts';

/** More by `npm run proof -- --limits`. */
const uses = Number(process.env['PROOF_USES'] ?? 40_000);
const seed = Number(process.env['PROOF_SEED'] ?? Date.now() % 2 ** 31);

test('four processes at once come to what one would, use by use, and to no more in any window', async (t) => {
	const redis = await createRedis();
	t.teardown(() => redis.stop());
	const {windows, ...proof} = await proveLimits(redis, {uses, processes: 4, seed});
	t.log(`seed ${seed}: ${JSON.stringify(proof)}`);
	t.is(proof.uses, uses);
	t.is(proof.differences, 0);
	t.is(proof.undecided, 0);
	t.is(proof.ties, 0, 'the order of all commands is known');
	t.true(proof.accepted > 0 && proof.refused > 0);
	for (const {name, most, bound} of windows) t.true(most <= bound, `${name}: ${most} of ${bound}`);
});
