import test from 'ava';
import {nextRequestId} from '../../server/http/request-id.ts';

test('request ids count up, in eight digits to the base of 36', (t) => {
	const ids = Array.from({length: 4000}, () => nextRequestId());
	const [first = ''] = ids;
	t.regex(first, /^req_[\da-f]{16}[\da-z]{8}$/);
	for (const [i, id] of ids.entries()) {
		t.is(id.slice(0, 20), first.slice(0, 20));
		t.is(Number.parseInt(id.slice(20), 36), Number.parseInt(first.slice(20), 36) + i);
	}
});
