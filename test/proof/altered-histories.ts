import {at, free, letIn, narrowed, shutOut, widened, type Case} from './cases.ts';

/** Keys that are suspended and resumed, and whose user is shut out and let in again. */
export const alteredHistories: Case[] = [
	{
		title: 'a key is suspended, resumed, and works again',
		operations: [
			at(10, 'suspend', 200),
			at(20, 'use', 401),
			at(30, 'resume', 200),
			at(40, 'use', 200),
		],
		violates: [],
	},
	{
		title: 'an acceptance while it is suspended',
		operations: [at(20, 'suspend', 200), at(30, 'use', 200, {server: 'server 2'})],
		violates: ['used while it was suspended'],
	},
	{
		title: 'an acceptance that was sent before the suspension was answered',
		operations: [at(20, 'suspend', 200), at(20.5, 'use', 200, {answeredAt: 40})],
		violates: [],
	},
	{
		title: 'an acceptance while it is suspended, on a server that the answer names',
		operations: [
			at(20, 'suspend', 200, {unconfirmed: [{server: 'server 1', until: 50}]}),
			at(30, 'use', 200),
			at(51, 'use', 200),
		],
		violates: ['used while it was suspended'],
	},
	{
		title: 'a suspended key that is refused for the plan was read before',
		operations: [at(10, 'plan', 200, free), at(20, 'suspend', 200), at(30, 'use', 403)],
		violates: ['used while it was suspended'],
	},
	{
		title: 'an acceptance and a refusal once the resumption is on its way',
		operations: [
			at(20, 'suspend', 200),
			at(30, 'resume', 200, {answeredAt: 60}),
			at(40, 'use', 200),
			at(42, 'use', 401),
		],
		violates: [],
	},
	{
		title: 'a resumption before the suspension allows nothing',
		operations: [at(10, 'resume', 200), at(20, 'suspend', 200), at(30, 'use', 200)],
		violates: ['used while it was suspended'],
	},
	{
		title: 'a resumption that was refused allows nothing',
		operations: [
			at(10, 'suspend', 200),
			at(20, 'revoke', 503),
			at(30, 'resume', 409),
			at(40, 'use', 200),
		],
		violates: ['used after its revocation'],
	},
	{
		title: 'a resumption that failed may still take effect',
		operations: [at(10, 'resume', 503), at(20, 'suspend', 200), at(30, 'use', 200)],
		violates: [],
	},
	{
		title: 'a suspension that failed forbids nothing, and may come later than a resumption',
		operations: [
			at(10, 'suspend', 503),
			at(20, 'use', 200),
			at(30, 'resume', 200),
			at(40, 'use', 401),
		],
		violates: [],
	},
	{
		title: 'a refusal after the answer to a resumption',
		operations: [
			at(10, 'suspend', 200),
			at(20, 'resume', 200),
			at(30, 'use', 401, {server: 'server 2'}),
		],
		violates: ['a valid key refused'],
	},
	{
		title: 'a refusal after a resumption, on a server that the answer names',
		operations: [
			at(10, 'suspend', 200),
			at(20, 'resume', 200, {unconfirmed: [{server: 'server 1', until: 50}]}),
			at(30, 'use', 401),
			at(51, 'use', 401),
		],
		violates: ['a valid key refused'],
	},
	{
		title: 'two suspensions at once, and a resumption of both',
		operations: [
			at(10, 'suspend', 200, {answeredAt: 14}),
			at(11, 'suspend', 200, {answeredAt: 15}),
			at(20, 'resume', 200),
			at(30, 'use', 401),
		],
		violates: ['a valid key refused'],
	},
	{
		title: 'a refusal while one of two suspensions has no answer yet',
		operations: [
			at(10, 'suspend', 200),
			at(11, 'suspend', 200, {answeredAt: 25}),
			at(20, 'resume', 200),
			at(30, 'use', 401),
		],
		violates: [],
	},
	{
		title: 'an acceptance where the address was shut out',
		operations: [at(20, 'patch', 200, shutOut), at(30, 'use', 200)],
		violates: ['used from an address that was shut out'],
	},
	{
		title: 'an address is shut out and let in',
		operations: [
			at(10, 'patch', 200, shutOut),
			at(20, 'use', 403),
			at(30, 'patch', 200, letIn),
			at(40, 'use', 200),
		],
		violates: [],
	},
	{
		title: 'a refusal after the address was let in',
		operations: [at(10, 'patch', 200, shutOut), at(20, 'patch', 200, letIn), at(30, 'use', 403)],
		violates: ['a valid key refused'],
	},
	{
		title: 'a 401 where only the address is shut out: the reason is wrong',
		operations: [at(10, 'patch', 200, shutOut), at(20, 'use', 401)],
		violates: ['a valid key refused'],
	},
	{
		title: 'a 403 of a suspended key: neither its plan nor the address is a reason',
		operations: [at(10, 'suspend', 200), at(20, 'use', 403)],
		violates: ['used while it was suspended', 'a valid key refused'],
	},
	{
		title: 'a patch that failed may shut out later',
		operations: [at(10, 'patch', 503, shutOut), at(20, 'patch', 200, letIn), at(30, 'use', 403)],
		violates: [],
	},
	{
		title: 'a resumption does not let an address in',
		operations: [at(10, 'patch', 200, shutOut), at(20, 'resume', 200), at(30, 'use', 200)],
		violates: ['used from an address that was shut out'],
	},
	{
		title: 'a 409 says that the key is revoked',
		operations: [
			at(20, 'revoke', 200, {answeredAt: 90}),
			at(25, 'suspend', 409),
			at(30, 'use', 200),
		],
		violates: ['used after its revocation'],
	},
	{
		title: 'a 409 for a key that nobody has revoked',
		operations: [at(20, 'suspend', 409)],
		violates: ['answers contradict'],
	},
	{
		title: 'a change of a key after the answer that revoked it',
		operations: [at(10, 'revoke', 200), at(20, 'patch', 200, letIn)],
		violates: ['answers contradict'],
	},
	{
		title: 'an acceptance after a scope was taken away',
		operations: [at(10, 'patch', 200, narrowed), at(20, 'use', 200, {server: 'server 2'})],
		violates: ['used without its scope'],
	},
	{
		title: 'a refusal after the scope was given back',
		operations: [at(10, 'patch', 200, narrowed), at(20, 'patch', 200, widened), at(30, 'use', 403)],
		violates: ['a valid key refused'],
	},
	{
		title: 'an address that is let in gives no scope',
		operations: [at(10, 'patch', 200, narrowed), at(20, 'patch', 200, letIn), at(30, 'use', 200)],
		violates: ['used without its scope'],
	},
	{
		title: 'a 401 of a key that only lacks the scope: the reason is wrong',
		operations: [at(10, 'patch', 200, narrowed), at(20, 'use', 401)],
		violates: ['a valid key refused'],
	},
];
