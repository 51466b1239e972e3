import test from 'ava';
import {
	countedOutcomes,
	outcomeNames,
	outcomes,
	refusalErrors,
	verificationCodes,
} from '../../contract/outcomes.ts';

test('codes are told in the order of the checks, and each is another', (t) => {
	const published = ['MALFORMED', 'NOT_FOUND', 'REVOKED', 'EXPIRED', 'PLAN_INACTIVE', 'VALID'];
	t.deepEqual(
		verificationCodes.filter((code) => published.includes(code)),
		published as typeof verificationCodes,
	);
	t.is(new Set(verificationCodes).size, outcomeNames.length);
	t.is(outcomeNames.at(-1), 'valid', 'nothing is checked after it');
});

test('counts keep their places: they are in the memory of running servers and in answers', (t) => {
	t.deepEqual(countedOutcomes.slice(0, 4), ['valid', 'revoked', 'expired', 'plan_inactive']);
	t.deepEqual(
		countedOutcomes.map((outcome) => outcomes[outcome].counted),
		[...countedOutcomes.keys()] as 0[],
	);
});

test('a stranger learns nothing: until the plan every refusal is the same one', (t) => {
	const before = outcomeNames.slice(0, outcomeNames.indexOf('plan_inactive'));
	t.deepEqual([...new Set(before.map((outcome) => outcomes[outcome].error))], ['unauthorized']);
	t.true(refusalErrors.includes('plan_required'));
});
