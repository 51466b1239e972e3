import {at, type Case} from './cases.ts';
import type {Operation} from './history.ts';
import {offClockMs} from './rotations.ts';

/** Replaced by a key `s`, at once or with a grace. */
export function replaced(sentAt: number, graceUntil: number | null): Operation[] {
	return [
		at(sentAt, 'rotate', 201, {successor: 's', graceUntil}),
		at(sentAt, 'create', 201, {key: 's'}),
	];
}

export const ofRotation = {successor: 's'} as const;
const ofSuccessor = {key: 's'} as const;
export const graceUntil = 10_000;
export const after = graceUntil + offClockMs + 1;
const before = graceUntil - offClockMs - 2;

/** Keys that are replaced, with and without a grace, and rotations that are finished and cancelled. */
export const rotationHistories: Case[] = [
	{
		title: 'a key is replaced at once: the old one is refused, the new one works',
		operations: [...replaced(10, null), at(20, 'use', 401), at(30, 'use', 200, ofSuccessor)],
		violates: [],
	},
	{
		title: 'an acceptance of a key that was replaced at once',
		operations: [...replaced(10, null), at(20, 'use', 200, {server: 'server 2'})],
		violates: ['used after its rotation'],
	},
	{
		title: 'a new key that is refused',
		operations: [...replaced(10, null), at(20, 'use', 401, ofSuccessor)],
		violates: ['a valid key refused'],
	},
	{
		title: 'both keys work in the grace, and the old one no more after it',
		operations: [
			...replaced(10, graceUntil),
			at(20, 'use', 200),
			at(30, 'use', 200, ofSuccessor),
			at(before, 'use', 200),
			at(after, 'use', 401),
			at(after, 'use', 200, ofSuccessor),
		],
		violates: [],
	},
	{
		title: 'an old key that is refused in its grace',
		operations: [...replaced(10, graceUntil), at(before, 'use', 401)],
		violates: ['a valid key refused'],
	},
	{
		title: 'an acceptance after the grace',
		operations: [...replaced(10, graceUntil), at(after, 'use', 200)],
		violates: ['used after its rotation'],
	},
	{
		title: 'so near to the end of a grace both are right',
		operations: [
			...replaced(10, graceUntil),
			at(before + 10, 'use', 401),
			at(after - 10, 'use', 200),
		],
		violates: [],
	},
	{
		title: 'an acceptance after the grace, on a server that the answer names',
		operations: [
			at(10, 'rotate', 201, {
				...ofRotation,
				graceUntil,
				unconfirmed: [{server: 'server 1', until: after + 50}],
			}),
			at(after, 'use', 200),
			at(after + 51, 'use', 200),
		],
		violates: ['used after its rotation'],
	},
	{
		title: 'a rotation without an answer may have been made, and its grace may be over',
		operations: [at(10, 'rotate', 503), at(20, 'use', 200), at(30, 'use', 401)],
		violates: [],
	},
	{
		title: 'an acceptance after the grace was ended',
		operations: [
			...replaced(10, graceUntil),
			at(20, 'finish', 200, ofRotation),
			at(30, 'use', 200),
		],
		violates: ['used after its rotation'],
	},
	{
		title: 'the new key goes on once the grace was ended',
		operations: [
			...replaced(10, graceUntil),
			at(20, 'finish', 200, ofRotation),
			at(30, 'use', 401),
			at(40, 'use', 401, ofSuccessor),
		],
		violates: ['a valid key refused'],
	},
	{
		title: 'an acceptance of the new key after the rotation was cancelled',
		operations: [
			...replaced(10, graceUntil),
			at(20, 'cancel', 200, ofRotation),
			at(30, 'use', 200, ofSuccessor),
		],
		violates: ['used after its rotation'],
	},
	{
		title: 'an old key outlives what was to be its end',
		operations: [
			...replaced(10, graceUntil),
			at(20, 'cancel', 200, ofRotation),
			at(30, 'use', 401, ofSuccessor),
			at(after, 'use', 200),
		],
		violates: [],
	},
	{
		title: 'an old key ends although its rotation was cancelled',
		operations: [
			...replaced(10, graceUntil),
			at(20, 'cancel', 200, ofRotation),
			at(after, 'use', 401),
		],
		violates: ['a valid key refused'],
	},
	{
		title: 'an old key ends although its rotation was cancelled, on a server that the answer names',
		operations: [
			...replaced(10, graceUntil),
			at(20, 'cancel', 200, {
				...ofRotation,
				unconfirmed: [{server: 'server 1', until: after + 50}],
			}),
			at(after, 'use', 401),
			at(after + 51, 'use', 401),
		],
		violates: ['a valid key refused'],
	},
	{
		title: 'an old key is refused while its rotation is cancelled, at its end',
		operations: [
			...replaced(10, graceUntil),
			at(graceUntil - 5, 'cancel', 200, {...ofRotation, answeredAt: after + 50}),
			at(after, 'use', 401),
			at(after + 60, 'use', 200),
		],
		violates: [],
	},
	{
		title: 'a cancellation that failed may have worked, or work later',
		operations: [
			...replaced(10, graceUntil),
			at(20, 'cancel', 503, ofRotation),
			at(30, 'use', 200, ofSuccessor),
			at(40, 'use', 401, ofSuccessor),
			at(after, 'use', 200),
			at(after + 10, 'use', 401),
		],
		violates: [],
	},
	{
		title: 'a key whose rotation was cancelled is rotated again',
		operations: [
			...replaced(10, graceUntil),
			at(20, 'cancel', 200, ofRotation),
			at(30, 'rotate', 201, {successor: 't', graceUntil: null}),
			at(40, 'use', 200),
		],
		violates: ['used after its rotation'],
	},
	{
		title: 'a 409 says that the grace was ended',
		operations: [
			...replaced(10, graceUntil),
			at(20, 'finish', 200, {...ofRotation, answeredAt: 90}),
			at(25, 'finish', 409, ofRotation),
			at(30, 'use', 200),
			at(30, 'use', 200, ofSuccessor),
		],
		violates: ['used after its rotation'],
	},
	{
		title: 'a 409 says that the rotation was cancelled',
		operations: [
			...replaced(10, graceUntil),
			at(20, 'cancel', 200, {...ofRotation, answeredAt: 90}),
			at(25, 'cancel', 409, ofRotation),
			at(30, 'use', 200),
			at(30, 'use', 200, ofSuccessor),
		],
		violates: ['used after its rotation'],
	},
	{
		title: 'a 409 says that a rotation was finished or cancelled, and nobody knows which',
		operations: [
			...replaced(10, graceUntil),
			at(20, 'cancel', 503, ofRotation),
			at(22, 'finish', 503, ofRotation),
			at(25, 'finish', 409, ofRotation),
			at(30, 'use', 200),
			at(30, 'use', 200, ofSuccessor),
		],
		violates: [],
	},
	{
		title: 'a 409 of a rotation that nobody has ended',
		operations: [...replaced(10, graceUntil), at(20, 'finish', 409, ofRotation)],
		violates: ['answers contradict'],
	},
	{
		title: 'a 409 of a rotation whose grace is over by the clock of a server',
		operations: [
			...replaced(10, graceUntil),
			at(before + 10, 'cancel', 409, ofRotation),
			at(before + 20, 'use', 200),
		],
		violates: [],
	},
	{
		title: 'a rotation is finished and cancelled',
		operations: [
			...replaced(10, graceUntil),
			at(20, 'finish', 200, {...ofRotation, answeredAt: 40}),
			at(21, 'cancel', 200, {...ofRotation, answeredAt: 41}),
		],
		violates: ['answers contradict'],
	},
	{
		title: 'a 409 of a key that nobody has rotated',
		operations: [at(20, 'rotate', 409)],
		violates: ['answers contradict'],
	},
	{
		title: 'two rotations at once: the second finds it replaced at once, and that holds',
		operations: [
			at(20, 'rotate', 201, {...ofRotation, graceUntil: null, answeredAt: 90}),
			at(21, 'rotate', 409, {graceUntil: null}),
			at(30, 'use', 200),
		],
		violates: ['used after its rotation'],
	},
	{
		title: 'two rotations at once: the second finds it replaced, and it goes on',
		operations: [...replaced(20, graceUntil), at(20.5, 'rotate', 409), at(30, 'use', 200)],
		violates: [],
	},
	{
		title: 'a 404 and a 409 of a key that was replaced at once',
		operations: [...replaced(10, null), at(20, 'revoke', 404), at(30, 'suspend', 409)],
		violates: [],
	},
	{
		title: 'a 404 of a key in its grace',
		operations: [...replaced(10, graceUntil), at(20, 'revoke', 404)],
		violates: ['answers contradict'],
	},
	{
		title: 'a change of a key whose grace is over',
		operations: [...replaced(10, graceUntil), at(after, 'suspend', 200)],
		violates: ['answers contradict'],
	},
	{
		title: 'a key is replaced at once, and revoked',
		operations: [...replaced(10, null), at(20, 'revoke', 200)],
		violates: ['answers contradict'],
	},
	{
		title: 'a rotation that is refused for the plan while it is there',
		operations: [at(20, 'rotate', 403)],
		violates: ['unexpected answer'],
	},
];

const made = [
	at(4, 'role', 201, {key: '', opens: 'roleScope'}),
	at(6, 'create', 201, {key: 'r', isByRole: true}),
];
const byRole = {key: 'r'} as const;
const narrowed = {key: '', shuts: 'roleScope'} as const;
const widened = {key: '', opens: 'roleScope'} as const;
const taken = {...byRole, shuts: 'role'} as const;
const given = {...byRole, opens: 'role'} as const;

/** Keys that go by a role: it is taken from them, or may be used for less. */
export const roleHistories: Case[] = [
	{
		title: 'a role is narrowed and widened, and its key works again',
		operations: [
			...made,
			at(10, 'role', 200, narrowed),
			at(20, 'use', 403, byRole),
			at(30, 'role', 200, widened),
			at(40, 'use', 200, byRole),
		],
		violates: [],
	},
	{
		title: 'an acceptance after the role was narrowed',
		operations: [...made, at(10, 'role', 200, narrowed), at(20, 'use', 200, byRole)],
		violates: ['used without the scope of its role'],
	},
	{
		title: 'a refusal after the role was widened',
		operations: [
			...made,
			at(10, 'role', 200, narrowed),
			at(20, 'role', 200, widened),
			at(30, 'use', 403, byRole),
		],
		violates: ['a valid key refused'],
	},
	{
		title: 'a key that goes by no role works on when one is narrowed',
		operations: [...made, at(10, 'role', 200, narrowed), at(20, 'use', 403)],
		violates: ['a valid key refused'],
	},
	{
		title: 'a change of a role that failed may still take effect',
		operations: [
			...made,
			at(10, 'role', 503, narrowed),
			at(20, 'use', 200, byRole),
			at(30, 'use', 403, byRole),
		],
		violates: [],
	},
	{
		title: 'an acceptance after the role was taken from the key',
		operations: [...made, at(10, 'patch', 200, taken), at(20, 'use', 200, byRole)],
		violates: ['used without its role'],
	},
	{
		title: 'a refusal after the key got its role back',
		operations: [
			...made,
			at(10, 'patch', 200, taken),
			at(20, 'patch', 200, given),
			at(30, 'use', 403, byRole),
		],
		violates: ['a valid key refused'],
	},
	{
		title: 'a 401 of a key that only lacks its role: the reason is wrong',
		operations: [...made, at(10, 'patch', 200, taken), at(20, 'use', 401, byRole)],
		violates: ['a valid key refused'],
	},
];
