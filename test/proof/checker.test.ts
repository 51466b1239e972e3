import test from 'ava';
import {alteredHistories} from './altered-histories.ts';
import {
	at,
	founded,
	free,
	letIn,
	madeRow,
	narrowed,
	shutOut,
	team,
	widened,
	type Case,
} from './cases.ts';
import {check} from './checker.ts';
import {parseUnconfirmed} from './client.ts';
import {
	after,
	graceUntil,
	ofRotation,
	replaced,
	roleHistories,
	rotationHistories,
} from './rotation-histories.ts';

const histories: Case[] = [
	{
		title: 'a key works, is revoked, and works no more',
		operations: [at(10, 'use', 200), at(20, 'revoke', 200), at(30, 'use', 401)],
		violates: [],
	},
	{
		title: 'an acceptance after the answer',
		operations: [at(20, 'revoke', 200), at(30, 'use', 200)],
		violates: ['used after its revocation'],
	},
	{
		title: 'an acceptance long after the answer, elsewhere',
		operations: [at(20, 'revoke', 200), at(90_000, 'use', 200, {server: 'server 2'})],
		violates: ['used after its revocation'],
	},
	{
		title: 'a body that was whole after the answer, and was done',
		operations: [at(20, 'revoke', 200), at(30, 'write', 201)],
		violates: ['an effect after the answer'],
	},
	{
		title: 'a body that was whole after the answer and got none, and its row',
		operations: [at(20, 'revoke', 200), at(30, 'write', 503, {row: madeRow})],
		violates: ['an effect after the answer'],
	},
	{
		title: 'a row that was not there at the answer, of a body that was',
		operations: [
			at(10, 'write', 201, {answeredAt: 40, row: {...madeRow, isLate: true}}),
			at(20, 'revoke', 200),
		],
		violates: ['an effect after the answer'],
	},
	{
		title: 'a row of a body that was whole before the answer',
		operations: [at(10, 'write', 201, {answeredAt: 40, row: madeRow}), at(20, 'revoke', 200)],
		violates: [],
	},
	{
		title: 'a body that was refused after the answer',
		operations: [at(20, 'revoke', 200), at(30, 'write', 401)],
		violates: [],
	},
	{
		title: 'an acceptance that was sent before the answer and answered after it',
		operations: [at(20, 'revoke', 200), at(20.5, 'use', 200, {answeredAt: 40})],
		violates: [],
	},
	{
		title: 'a 404 forbids as well',
		operations: [
			at(20, 'revoke', 200, {answeredAt: 90}),
			at(25, 'revoke', 404),
			at(30, 'use', 200),
		],
		violates: ['used after its revocation'],
	},
	{
		title: 'a revocation that failed forbids nothing and may have worked',
		operations: [at(20, 'revoke', 503), at(30, 'use', 200), at(40, 'use', 401)],
		violates: [],
	},
	{
		title: 'a revoked key that is refused for the plan was read before',
		operations: [at(10, 'plan', 200, free), at(20, 'revoke', 200), at(30, 'use', 403)],
		violates: ['used after its revocation'],
	},
	{
		title: 'a server that the answer names is excused until then',
		operations: [
			at(20, 'revoke', 200, {unconfirmed: [{server: 'server 1', until: 50}]}),
			at(30, 'use', 200),
		],
		violates: [],
	},
	{
		title: '… and no longer',
		operations: [
			at(20, 'revoke', 200, {unconfirmed: [{server: 'server 1', until: 50}]}),
			at(51, 'use', 200),
		],
		violates: ['used after its revocation'],
	},
	{
		title: '… and no other server',
		operations: [
			at(20, 'revoke', 200, {unconfirmed: [{server: 'server 2', until: 50}]}),
			at(30, 'use', 200),
		],
		violates: ['used after its revocation'],
	},
	{
		title: 'an acceptance after the plan was taken away',
		operations: [at(20, 'plan', 200, free), at(30, 'use', 200)],
		violates: ['used after its plan'],
	},
	{
		title: 'a key created after the plan was taken away',
		operations: [at(20, 'plan', 200, free), at(30, 'create', 201, {key: 'another'})],
		violates: ['used after its plan'],
	},
	{
		title: 'an acceptance once the plan is on its way back',
		operations: [
			at(20, 'plan', 200, free),
			at(30, 'plan', 200, {...team, answeredAt: 60}),
			at(40, 'use', 200),
			at(41, 'use', 403),
		],
		violates: [],
	},
	{
		title: 'a plan given back before it was taken away allows nothing',
		operations: [at(10, 'plan', 200, team), at(20, 'plan', 200, free), at(30, 'use', 200)],
		violates: ['used after its plan'],
	},
	{
		title: 'a change back that failed may still take effect',
		operations: [at(10, 'plan', undefined, team), at(20, 'plan', 200, free), at(30, 'use', 200)],
		faults: [{kind: 'kill a server', server: 'server 1', from: 9, to: 15}],
		violates: [],
	},
	{
		title: 'a valid key answered 503',
		operations: [at(10, 'use', 503)],
		violates: [],
	},
	{
		title: 'a valid key answered 401',
		operations: [at(10, 'use', 401)],
		violates: ['a valid key refused'],
	},
	{
		title: 'a valid key answered 403',
		operations: [at(10, 'use', 403)],
		violates: ['a valid key refused'],
	},
	{
		title: 'a 401 while only the plan is away: the reason is wrong',
		operations: [at(10, 'plan', 200, free), at(20, 'use', 401)],
		violates: ['a valid key refused'],
	},
	{
		title: 'a refusal while the revocation is under way',
		operations: [at(20, 'revoke', 200, {answeredAt: 90}), at(30, 'use', 401)],
		violates: [],
	},
	{
		title: 'a refusal after the plan is back',
		operations: [at(10, 'plan', 200, free), at(20, 'plan', 200, team), at(30, 'use', 403)],
		violates: ['a valid key refused'],
	},
	{
		title: 'a refusal when the plan is back but a failed change may still come',
		operations: [at(10, 'plan', 503, free), at(20, 'plan', 200, team), at(30, 'use', 403)],
		violates: [],
	},
	{
		title: 'a key that is not answered yet may be unknown',
		operations: [
			at(3, 'create', 201, {key: 'late', answeredAt: 90}),
			at(50, 'use', 401, {key: 'late'}),
		],
		violates: [],
	},
	{
		title: 'two revocations at once: one finds it, one does not',
		operations: [at(20, 'revoke', 404, {answeredAt: 40}), at(21, 'revoke', 200, {answeredAt: 41})],
		violates: [],
	},
	{
		title: 'two revocations find the same key',
		operations: [at(20, 'revoke', 200), at(30, 'revoke', 200)],
		violates: ['answers contradict'],
	},
	{
		title: 'a 404 for a key that nobody has revoked',
		operations: [at(20, 'revoke', 404)],
		violates: ['answers contradict'],
	},
	{
		title: 'a 404 before anybody revokes the key',
		operations: [at(20, 'revoke', 404), at(30, 'revoke', 200)],
		violates: ['answers contradict'],
	},
	{
		title: 'a 404 after a revocation that failed',
		operations: [at(20, 'revoke', 503), at(30, 'revoke', 404)],
		violates: [],
	},
	{
		title: 'no answer from a server that was up',
		operations: [at(20, 'use', undefined)],
		faults: [{kind: 'kill a server', server: 'server 2', from: 0, to: 90}],
		violates: ['unexpected answer'],
	},
	{
		title: 'no answer from a server that was killed',
		operations: [at(20, 'use', undefined)],
		faults: [{kind: 'kill a server', server: 'server 1', from: 20.5, to: 90}],
		violates: [],
	},
	{
		title: 'no answer to a body that was held back while its server was killed',
		operations: [at(60, 'write', undefined, {beganAt: 20})],
		faults: [{kind: 'kill a server', server: 'server 1', from: 30, to: 50}],
		violates: [],
	},
	{
		title: 'no answer to a body that was held back, from a server that was killed before',
		operations: [at(60, 'write', undefined, {beganAt: 40})],
		faults: [{kind: 'kill a server', server: 'server 1', from: 20, to: 30}],
		violates: ['unexpected answer'],
	},
	{
		title: 'a status that no such request has',
		operations: [at(20, 'use', 500)],
		violates: ['unexpected answer'],
	},
	{
		title: 'a creation refused for the plan while it is there',
		operations: [at(20, 'create', 403, {key: ''})],
		violates: ['unexpected answer'],
	},
];

const all = [...histories, ...alteredHistories, ...rotationHistories, ...roleHistories];
for (const {title, operations, faults = [], violates} of all) {
	test(`history: ${title}`, (t) => {
		const {violations} = check({operations: [...founded, ...operations], faults});
		t.deepEqual(
			violations.map(({rule}) => rule),
			violates,
		);
	});
}

test('what a history holds is counted', (t) => {
	const operations = [
		...founded,
		at(10, 'use', 200),
		at(20, 'suspend', 200),
		at(30, 'use', 401),
		at(40, 'resume', 200),
		at(50, 'use', 200),
		at(60, 'patch', 200, shutOut),
		at(70, 'use', 403),
		at(80, 'patch', 200, letIn),
		at(81, 'patch', 200, narrowed),
		at(83, 'use', 403),
		at(85, 'patch', 200, widened),
		at(87, 'use', 200),
		at(90, 'plan', 200, free),
		at(100, 'use', 403),
		at(110, 'revoke', 200),
		at(120, 'use', 401),
	];
	const {forbiddenUses, validUses, restoredUses} = check({operations, faults: []});
	t.deepEqual(
		{forbiddenUses, validUses, restoredUses},
		{
			forbiddenUses: {
				revocation: 1,
				suspension: 1,
				rotation: 0,
				plan: 1,
				address: 1,
				scope: 1,
				role: 0,
				roleScope: 0,
			},
			validUses: 3,
			restoredUses: 2,
		},
	);
});

test('what a history holds of rotations and roles is counted', (t) => {
	const byRole = {key: 'r'};
	const operations = [
		...founded,
		at(4, 'role', 201, {key: '', opens: 'roleScope'}),
		at(6, 'create', 201, {...byRole, isByRole: true}),
		at(10, 'role', 200, {key: '', shuts: 'roleScope'}),
		at(20, 'use', 403, byRole),
		at(30, 'role', 200, {key: '', opens: 'roleScope'}),
		at(40, 'patch', 200, {...byRole, shuts: 'role'}),
		at(50, 'use', 403, byRole),
		...replaced(60, graceUntil),
		at(70, 'cancel', 200, ofRotation),
		at(after, 'use', 200),
		at(after + 10, 'rotate', 201, {successor: 't', graceUntil: graceUntil * 2}),
		at(after + graceUntil, 'use', 401),
	];
	const {forbiddenUses, validUses, outlivedUses, lapsedUses} = check({operations, faults: []});
	const {rotation, role, roleScope} = forbiddenUses;
	t.deepEqual(
		{rotation, role, roleScope, validUses, outlivedUses, lapsedUses},
		{rotation: 1, role: 1, roleScope: 1, validUses: 1, outlivedUses: 1, lapsedUses: 1},
	);
});

test('an excuse is read from the header, on the clock of the driver', (t) => {
	const until = new Date(performance.timeOrigin + 5000);
	const header = `verifiers=3; ms=6000; unconfirmed="a"; until="${until.toISOString()}"`;
	t.deepEqual(parseUnconfirmed(header), [
		{server: '*', until: until.getTime() - performance.timeOrigin},
	]);
	t.deepEqual(parseUnconfirmed('verifiers=3; ms=4'), []);
});
