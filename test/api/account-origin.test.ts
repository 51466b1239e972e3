import test from 'ava';
import {createdInvitation} from '../../contract/invitations.ts';
import {issuedCode, tokens as tokensSchema} from '../../contract/people.ts';
import {createdUser, user as userSchema, userList} from '../../contract/users.ts';
import {bySystem} from '../../core/actor.ts';
import {applianceChain} from '../../core/audit/trail/record.ts';
import {recoverUser} from '../../core/people/recovery.ts';
import {administrator, defaultOrganisation, makeUser} from '../helpers/appliance.ts';
import {entriesOf} from '../helpers/audit.ts';
import {openAppliance} from '../helpers/opening.ts';
import {makeHome, runScript} from '../tui/script.ts';

/*
How an account was made, and what becomes of one that an inviter may have made in somebody's name.
*/

const {appliance, server, db, jwt} = await openAppliance();

test.after.always(() => appliance.stop());

/** What whoever invited knows, and what the person themselves takes. */
const inviters = 'the inviter knows this one';
const own = 'mountains remember rain';

const logIn = (email: string, password: string) =>
	server.call('/api/v1/auth/login', {body: {email, password}});
const me = async (bearer: string) => (await server.call('/api/v1/auth/me', {bearer})).status;
const reset = (code: string, password: string) =>
	server.call('/api/v1/auth/password-reset', {body: {code, password}});
const promote = (id: string, operator = true) =>
	server.call(`/api/v1/users/${id}`, {method: 'PATCH', bearer: jwt, body: {operator}});
const read = async (id: string) =>
	userSchema.parse((await server.call(`/api/v1/users/${id}`, {bearer: jwt})).json());

/** An account that its inviter accepted in somebody else's name. */
async function seize(email: string) {
	const {id: organisationId} = await defaultOrganisation(server, jwt);
	const invited = await server.call(`/api/v1/organizations/${organisationId}/invitations`, {
		bearer: jwt,
		body: {email, role: 'viewer'},
	});
	const {code} = createdInvitation.parse(invited.json());
	const accepted = await server.call('/api/v1/invitations/accept', {
		body: {code, password: inviters},
	});
	const session = tokensSchema.parse(accepted.json());
	const id = (await db('users').where({email}).first())?.id ?? '';
	return {id, session};
}

const entriesAbout = async (id: string) =>
	(await entriesOf(db, applianceChain)).filter(({target}) => target.id === id);

test.serial(
	'each account tells how it was made, and whether that is more than an inviter says',
	async (t) => {
		const invited = await seize('invited@example.com');
		const made = await makeUser(server, jwt, {email: 'made@example.com'});
		const listed = userList.parse((await server.call('/api/v1/users', {bearer: jwt})).json());
		const of = (email: string) => listed.find((user) => user.email === email);
		t.like(of(administrator.email), {origin: 'setup', confirmed: true});
		t.like(of(made.email), {origin: 'operator', confirmed: true});
		t.like(of('invited@example.com'), {origin: 'invitation', confirmed: false});
		t.deepEqual(await read(invited.id), of('invited@example.com'));
	},
);

test.serial(
	'whom only an inviter vouches for becomes an operator with a new password alone',
	async (t) => {
		const {id, session} = await seize('cfo@example.com');
		const answer = await promote(id);
		t.is(answer.status, 200);
		t.is(answer.headers['cache-control'], 'no-store');
		const {code} = createdUser.parse(answer.json());
		t.is(await me(session.access_token), 401);
		t.is((await logIn('cfo@example.com', inviters)).status, 401);
		const refreshed = await server.call('/api/v1/auth/refresh', {
			body: {refresh_token: session.refresh_token},
		});
		t.is(refreshed.status, 401);
		const entry = (await entriesAbout(id)).findLast(
			({action}) => action === 'user.operator_granted',
		);
		t.like(entry?.details, {password_removed: true, codes: 0, sessions: 1});
		t.false(JSON.stringify(entry).includes(code.slice(5)));

		t.is((await reset(code, own)).status, 200);
		const bearer = await server.logIn({email: 'cfo@example.com', password: own});
		t.is((await server.call('/api/v1/users', {bearer})).status, 200);
		t.like(await read(id), {operator: true, origin: 'invitation', confirmed: true});

		t.is((await promote(id, false)).status, 200);
		const again = userSchema.parse((await promote(id)).json());
		t.true(again.operator);
		t.is(await me(bearer), 200, 'the account is theirs by now');
	},
);

test.serial('a code that was made before the promotion ends with it', async (t) => {
	const {id} = await seize('earlier@example.com');
	const issued = await server.call(`/api/v1/users/${id}/password-reset`, {
		method: 'POST',
		bearer: jwt,
	});
	const earlier = issuedCode.parse(issued.json()).code;
	const {code} = createdUser.parse((await promote(id)).json());
	t.is((await reset(earlier, own)).status, 400);
	t.is((await reset(code, own)).status, 200);
});

test.serial(
	"a password that was set with an operator's code confirms whose account it is",
	async (t) => {
		const {id, session} = await seize('helped@example.com');
		const issued = await server.call(`/api/v1/users/${id}/password-reset`, {
			method: 'POST',
			bearer: jwt,
		});
		t.is((await reset(issuedCode.parse(issued.json()).code, own)).status, 200);
		t.is(await me(session.access_token), 401);
		const bearer = await server.logIn({email: 'helped@example.com', password: own});
		t.deepEqual((await promote(id)).json(), {...(await read(id)), operator: true});
		t.is(await me(bearer), 200);
	},
);

test.serial('a changed password confirms nothing: the inviter may have changed it', async (t) => {
	const {id, session} = await seize('changed@example.com');
	const changed = await server.call('/api/v1/auth/password', {
		bearer: session.access_token,
		body: {current_password: inviters, new_password: own},
	});
	t.is(changed.status, 200);
	t.like(await read(id), {confirmed: false});
});

test.serial(
	'recovered at the machine, such an account has lost its password at once',
	async (t) => {
		const {id, session} = await seize('lost@example.com');
		const by = bySystem('test');
		const recovered = await recoverUser(db, by, 'lost@example.com', {makeOperator: true});
		t.is(await me(session.access_token), 401);
		t.is((await logIn('lost@example.com', inviters)).status, 401);
		t.is((await reset(recovered?.code ?? '', own)).status, 200);
		t.like(await read(id), {operator: true, confirmed: true});
	},
);

test.serial('by command a promotion prints the code where there is one', async (t) => {
	await seize('shell@example.com');
	const promoting = async () => {
		const env = {HOME: makeHome(), LATCHKEY_URL: server.url, LATCHKEY_TOKEN: jwt};
		const {status, stdout} = await runScript(['users', 'promote', 'shell@example.com'], env, '');
		return status === 0 ? stdout : '';
	};
	t.regex(await promoting(), /^lkpw_[\w-]{43}$/m);
	t.regex(await promoting(), /^[\da-f-]{36}$/m, 'then it is said of whom');
});
