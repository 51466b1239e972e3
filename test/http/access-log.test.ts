import test from 'ava';
import {createLog} from '../../core/log.ts';
import {createAccessLog} from '../../server/http/access-log.ts';

test('a line tells what its request adds, and nothing of the one before', (t) => {
	const lines: string[] = [];
	const config = {program: 'server', logLevel: 'info', keyPrefix: 'hklst_'};
	const linesOf = createAccessLog(createLog(config, {write: (line) => lines.push(line)}));
	const accepted = linesOf({method: 'GET', route: '/r', status: 200, authMethod: 'api_key'});
	const refused = linesOf({method: 'GET', route: '/r', status: 401, refusal: 'unknown'});
	const [ip, other] = ['192.0.2.1', '2001:db8::1'];
	accepted({requestId: 'req_1', ms: 0.004, ip, keyId: 'k1'});
	accepted({requestId: 'req_2', ms: 0.126, ip, userId: 'u1'});
	refused({requestId: 'req_3', ms: 9.996, ip: other});
	accepted({requestId: 'req_4', ms: 1234.5, ip: other, keyId: 'k2', serviceAccountId: 's1'});
	accepted({requestId: 'req_5', ms: 0.126, ip: undefined});
	refused({requestId: 'req_6', ms: 1, ip, keyId: 'k1'});

	const all = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
	t.true(all.every(({time}) => Math.abs(Date.parse(String(time)) - Date.now()) < 60_000));
	const same = {level: 'info', program: 'server', pid: process.pid, method: 'GET', route: '/r'};
	const ofAccepted = {...same, status: 200, auth_method: 'api_key', msg: 'request'};
	const ofRefused = {...same, status: 401, refusal: 'unknown', msg: 'request'};
	t.deepEqual(
		all.map(({time: _time, ...rest}) => rest),
		[
			{...ofAccepted, request_id: 'req_1', ms: 0, ip, key_id: 'k1'},
			{...ofAccepted, request_id: 'req_2', ms: 0.13, ip, user_id: 'u1'},
			{...ofRefused, request_id: 'req_3', ms: 10, ip: other},
			{
				...ofAccepted,
				request_id: 'req_4',
				ms: 1234.5,
				ip: other,
				key_id: 'k2',
				service_account_id: 's1',
			},
			{...ofAccepted, request_id: 'req_5', ms: 0.13},
			{...ofRefused, request_id: 'req_6', ms: 1, ip, key_id: 'k1'},
		],
	);
});
