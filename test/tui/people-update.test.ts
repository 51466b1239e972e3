import test from 'ava';
import type {Me, Role} from '../../contract/people.ts';
import type {ServiceAccount} from '../../contract/service-accounts.ts';
import type {Source} from '../../contract/sources.ts';
import type {Items, LoadedAnswer} from '../../tui/app/lists.ts';
import {top} from '../../tui/app/navigation.ts';
import type {FormScreen} from '../../tui/screens/kinds/form/screen.ts';
import {Failure} from '../../tui/failure.ts';
import {away, loggedIn, me, organisation, unused, type Driven} from './driven.ts';

/*
What the keys of members, service accounts, users, sessions, sources and settings do and refuse.
*/

const since = '2026-01-01T00:00:00Z';
const ids = {
	bob: '88888888-8888-4888-8888-888888888888',
	account: '99999999-9999-4999-8999-999999999999',
	other: 'aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa',
};

function member(id: string, email: string, role: Role): Items['members'] {
	return {id, user_id: id, email, role, created_at: since};
}

const ana = member(me.id, me.email, 'owner');
const bob = member(ids.bob, 'bob@acme.example', 'developer');
const account: ServiceAccount = {
	id: ids.account,
	name: 'deploy-bot',
	role: 'developer',
	disabled: false,
	created_at: since,
};

/** A list as the server has answered it. */
function gives(driven: Driven, answer: LoadedAnswer): Driven {
	const query = driven.model.queries[answer.list];
	driven.send({
		type: 'loaded',
		answer,
		query,
		partial: false,
		took: 1,
		epoch: driven.model.epoch,
	});
	return driven;
}

function atMembers(who: Partial<Me> = {}): Driven {
	const driven = loggedIn([unused], {...me, ...who});
	driven.press('4');
	return gives(driven, {list: 'members', items: [bob, ana]});
}

function change(driven: Driven) {
	const [effect] = driven.effects;
	return effect?.do === 'change' ? effect.change : undefined;
}

function done(driven: Driven, body: Record<string, unknown> = {message: 'done'}): Driven {
	const made = change(driven);
	if (made === undefined) throw new Error('nothing was asked for');
	driven.send({type: 'changed', change: made, body});
	return driven;
}

test('a role is chosen among those one may give, and one’s own is asked for again', (t) => {
	const driven = atMembers();
	driven.press('e', 'k', 'enter');
	t.deepEqual(driven.effects, [], 'who can give power to others is asked about');
	driven.wait(300).agree();
	t.like(change(driven), {route: 'updateMember', input: {user_id: bob.id, body: {role: 'admin'}}});
	done(driven, {user_id: bob.id, role: 'admin'});
	t.is(top(driven.model).type, 'members');
	t.like(driven.effects, [{do: 'load', list: 'members'}]);

	const own = atMembers();
	own.press('j', 'e', 'j', 'enter').wait(300).agree();
	done(own, {user_id: me.id, role: 'admin'});
	t.like(own.effects, [{do: 'load'}, {do: 'identify', organisation: organisation.id}]);

	const admin = atMembers({operator: false, role: 'admin'});
	admin.press('e');
	const screen = top(admin.model);
	t.deepEqual(screen.type === 'choice' && screen.options.map(({label}) => label), [
		'admin',
		'developer',
		'viewer',
		'verifier',
	]);
});

test('no choice goes on past its ends, and every one that gives power or takes it away asks', (t) => {
	const verifier = {...bob, role: 'verifier'} as const;
	const driven = gives(atMembers(), {list: 'members', items: [verifier, ana]});
	driven.press('e', 'j', 'enter');
	t.is(top(driven.model).type, 'members', 'below verifier there is no owner');
	t.is(driven.model.notice?.text, 'Nothing to change: it is set to that already');
	t.deepEqual(driven.effects, []);
	driven.press('e', 'k', 'k', 'k', 'k', 'k', 'enter').wait(300);
	const question = top(driven.model);
	t.regex((question.type === 'confirm' && question.question) || '', /^Make bob@\S+ an owner\?$/);
	driven.press('enter');
	t.deepEqual(driven.effects, [], 'enter is no');
	t.is(driven.model.notice?.text, 'Cancelled: bob@acme.example is still a verifier');
	driven.press('e', 'k', 'enter');
	t.is(top(driven.model).type, 'confirm', 'who may do more is asked about, too');
	driven.press('escape');

	// One's own role is asked about whichever it becomes.
	const own = gives(atMembers(), {list: 'members', items: [verifier, ana]}).press('j');
	for (const role of ['admin', 'developer', 'viewer', 'verifier']) {
		own.press('e');
		const choice = top(own.model);
		if (choice.type !== 'choice') throw new Error('no choice');
		const at = choice.options.findIndex(({label}) => label === role);
		own.press(...Array.from({length: at}, () => 'j'), 'enter');
		t.is(top(own.model).type, 'confirm', role);
		t.deepEqual(own.effects, [], role);
		own.wait(300).press('escape');
	}
});

test('off the team plan takes the typed name, and tells how many keys and calls are cut off', (t) => {
	const driven = atMembers();
	driven.press('3');
	gives(driven, {list: 'organisations', items: [organisation]});
	driven.press('e', 'k', 'enter');
	t.deepEqual(driven.effects, [{do: 'readReliance', organisation: organisation.id}]);
	const facts = () => {
		const screen = top(driven.model);
		return screen.type === 'confirm' ? screen.facts.map(([text]) => text).join(' ') : '';
	};
	t.regex(facts(), /^Counting/);
	const reliance = {active_keys: 5017, used_keys: 954, calls_24h: 19_966};
	driven.send({type: 'relianceRead', organisation: 'another', reliance});
	t.regex(facts(), /^Counting/);
	driven.send({type: 'relianceRead', organisation: organisation.id, reliance});
	t.regex(facts(), /5,017 keys that work, 954 of them used in 30 days, 19,966 calls accepted/);
	driven.send({type: 'relianceRead', organisation: organisation.id});
	t.regex(facts(), /could not be read/);
	driven.wait(300).press('y', 'enter');
	t.is(top(driven.model).type, 'confirm');
	t.deepEqual(driven.effects, []);
	driven.press('ctrl-u').write('acme').press('enter');
	t.like(change(driven), {route: 'updateOrganisation', input: {body: {plan: 'pro'}}});

	// Onto the team plan takes nothing away.
	const free = atMembers().press('3');
	gives(free, {list: 'organisations', items: [{...organisation, plan: 'free'}]});
	free.press('e', 'j', 'j', 'j', 'enter');
	t.like(change(free), {input: {body: {plan: 'team'}}});
});

test('an admin does not change an owner, a viewer nobody but themselves', (t) => {
	const admin = atMembers({operator: false, role: 'admin', id: ids.other});
	admin.press('j', 'e');
	t.regex(admin.model.notice?.text ?? '', /Only owners/);
	admin.press('x');
	t.is(top(admin.model).type, 'members');

	const viewer = atMembers({operator: false, role: 'viewer'});
	for (const key of ['e', 'x', 'n', 'i', 'a', 'U']) {
		const {notice: _, ...before} = viewer.model;
		viewer.model = before;
		viewer.press(key);
		t.is(top(viewer.model).type, 'members', key);
		t.is(viewer.model.notice?.tone, 'warning', key);
	}
	viewer.press('j', 'x');
	const screen = top(viewer.model);
	t.is(screen.type === 'confirm' && screen.question, 'Leave acme?');
});

test('a member is removed by the typed email, and is gone from the list at once', (t) => {
	const driven = atMembers();
	driven.press('x').now += 300;
	driven.press('enter');
	t.is(top(driven.model).type, 'members', 'enter presses Cancel');
	t.is(driven.model.notice?.text, 'Cancelled: nobody was removed');
	t.deepEqual(driven.effects, []);
	driven.press('x').now += 300;
	driven.write(`${bob.email}x`).press('enter');
	const asked = top(driven.model);
	t.regex(
		(asked.type === 'confirm' && asked.problem) || '',
		/^That is not bob@\S+, but bob@\S+x\./,
	);
	t.deepEqual(driven.effects, []);
	driven.press('backspace', 'enter');
	t.like(change(driven), {route: 'removeMember', input: {user_id: bob.id}});
	done(driven);
	t.deepEqual(
		driven.model.members.items.map(({email}) => email),
		[ana.email],
	);
});

test('whoever leaves is taken to another organisation, and keeps nothing of this one', (t) => {
	const driven = atMembers();
	driven.press('j', 'x').now += 300;
	driven.write(me.email);
	driven.press('enter');
	done(driven);
	t.deepEqual(
		driven.model.screens.map(({type}) => type),
		['keys'],
	);
	t.deepEqual(driven.model.keys.items, []);
	t.like(driven.effects, [{do: 'identify', organisation: undefined}]);
	driven.send({
		type: 'identified',
		me: {...me, organization: null, role: null},
		organisations: [],
		epoch: driven.model.epoch,
	});
	t.is(driven.model.organisation, undefined);
});

test('a refusal of the server is shown in the question, which stays', (t) => {
	const driven = atMembers();
	driven.press('j', 'x').now += 300;
	driven.write(me.email);
	driven.press('enter');
	const refusal = 'The organization would be left without an owner; make another one first';
	driven.fails(new Failure('refused', refusal, {status: 409, code: 'last_owner'}));
	const screen = top(driven.model);
	t.is(screen.type === 'confirm' && screen.problem, refusal);
	t.false(screen.type === 'confirm' && screen.busy);
});

test('what somebody else removed first is told, and the question goes', (t) => {
	const driven = atMembers();
	driven.press('e', 'j', 'enter').agree();
	driven.fails(new Failure('refused', 'Member not found', {status: 404, code: 'member_not_found'}));
	t.is(top(driven.model).type, 'members');
	t.regex(driven.model.notice?.text ?? '', /Member not found.*somebody else/);
	t.like(driven.effects, [{do: 'load', list: 'members'}]);
});

test('a change whose answer was lost is not called done', (t) => {
	const driven = atMembers();
	driven.press('e', 'j', 'enter').agree();
	driven.fails(away);
	const screen = top(driven.model);
	t.regex((screen.type === 'confirm' && screen.problem) || '', /not known/);
	driven.press('escape', 'x');
	t.is(top(driven.model).type, 'members');
	t.regex(driven.model.notice?.text ?? '', /Server unreachable/);
});

test('an invitation takes an email and a role of a few; its code is shown once and forgotten', (t) => {
	const driven = atMembers();
	driven.press('n');
	driven.write('eve');
	const email = () => {
		const screen = top(driven.model);
		return screen.type === 'form' ? screen.form.fields[0] : undefined;
	};
	t.is(email()?.problem, 'email must be an email address');
	driven.write('@acme.example');
	t.is(email()?.problem, undefined);
	driven.press('enter', 'v', 'enter');
	t.like(change(driven), {
		route: 'createInvitation',
		input: {body: {email: 'eve@acme.example', role: 'viewer'}},
	});
	done(driven, {id: ids.other, code: 'lkin_secretWXYZ'});
	const screen = top(driven.model);
	t.is(screen.type === 'reveal' && screen.secret, 'lkin_secretWXYZ');
	t.regex(
		(screen.type === 'reveal' && screen.advice) || '',
		/Ctrl-O at the log-in, or run latchkey invitations accept --url/,
	);
	driven.press('q');
	driven.write('WXYZ');
	t.is(top(driven.model).type, 'members');
	t.false(JSON.stringify(driven.model).includes('WXYZ'));
});

test('keys choose among the options of a field, and never leave them', (t) => {
	const driven = atMembers();
	driven.press('n', 'tab');
	const role = () => {
		const screen = top(driven.model);
		return screen.type === 'form' ? screen.form.fields[1]?.text.value : undefined;
	};
	t.is(role(), 'developer');
	for (const [key, expected] of [
		['right', 'viewer'],
		['right', 'verifier'],
		['right', 'verifier'],
		[' ', 'verifier'],
		['A', 'admin'],
		['z', 'admin'],
		['backspace', 'admin'],
		[' ', 'developer'],
		['home', 'owner'],
		['left', 'owner'],
		['end', 'verifier'],
	] as const) {
		driven.press(key);
		t.is(role(), expected, key);
	}
	driven.send({type: 'paste', text: 'dev'});
	t.is(role(), 'developer');
});

function atAccounts(): Driven {
	const driven = atMembers();
	driven.press('m');
	return gives(driven, {list: 'serviceAccounts', items: [account]});
}

test('a service account is disabled by a y, and deleted by its name', (t) => {
	const driven = atAccounts();
	driven.press('d').now += 300;
	driven.agree();
	t.like(change(driven), {route: 'updateServiceAccount', input: {body: {disabled: true}}});
	done(driven, {...account, disabled: true});
	t.true(driven.model.serviceAccounts.items[0]?.disabled);
	driven.press('x').now += 300;
	driven.write('deploy-bot');
	driven.press('enter');
	t.like(change(driven), {route: 'deleteServiceAccount', input: {id: account.id}});
	done(driven);
	t.deepEqual(driven.model.serviceAccounts.items, []);
});

test('a client secret is of one account, ends when it is asked to, and comes with the client id', (t) => {
	const driven = atAccounts();
	driven.press('enter');
	t.like(driven.effects, [{do: 'load', list: 'clientSecrets', query: {id: account.id}}]);
	gives(driven, {list: 'clientSecrets', items: []});
	driven.press('n');
	driven.write('30d');
	driven.press('enter');
	t.like(change(driven), {
		route: 'createClientSecret',
		input: {id: account.id, body: {expires_at: '2026-04-11T12:00:00Z'}},
	});
	done(driven, {client_id: account.id, client_secret: 'lksc_secret'});
	const screen = top(driven.model);
	t.is(screen.type === 'reveal' && screen.secret, 'lksc_secret');
	t.true(screen.type === 'reveal' && screen.advice.includes(account.id));
});

test('a client secret in use is revoked by what it begins with, another by a y', (t) => {
	const secret = {
		id: ids.other,
		hint: 'lksc_aB3dE6',
		created_at: since,
		last_used_at: null,
		expires_at: null,
	};
	const unusedOne = atAccounts();
	unusedOne.press('enter');
	gives(unusedOne, {list: 'clientSecrets', items: [secret]});
	unusedOne.press('x').now += 300;
	unusedOne.agree();
	t.like(change(unusedOne), {route: 'revokeClientSecret', input: {secret_id: secret.id}});
	const usedOne = atAccounts();
	usedOne.press('enter');
	const last_used_at = '2026-03-12T11:00:00Z';
	gives(usedOne, {list: 'clientSecrets', items: [{...secret, last_used_at}]});
	usedOne.press('x').now += 300;
	usedOne.press('y', 'enter', 'escape');
	t.deepEqual(usedOne.effects, []);
	usedOne.press('x').now += 300;
	usedOne.write(secret.hint);
	usedOne.press('enter');
	t.is(change(usedOne)?.route, 'revokeClientSecret');
});

function atUsers(): Driven {
	const driven = atMembers();
	driven.press('U');
	const user = {
		operator: false,
		disabled: false,
		created_at: since,
		origin: 'operator',
		confirmed: true,
	} as const;
	return gives(driven, {
		list: 'users',
		items: [
			{...user, id: bob.id, email: bob.email},
			{...user, id: me.id, email: me.email, operator: true},
			{...user, id: ids.other, email: 'cfo@example.com', origin: 'invitation', confirmed: false},
		],
	});
}

test('users are made operators, disabled and given a code, each after a question', (t) => {
	for (const [key, route, input] of [
		['o', 'updateUser', {user_id: bob.id, body: {operator: true}}],
		['d', 'updateUser', {user_id: bob.id, body: {disabled: true}}],
		['r', 'issuePasswordReset', {user_id: bob.id}],
	] as const) {
		const driven = atUsers();
		driven.press(key).hit('enter').hit('enter').hit('y');
		t.deepEqual(driven.effects, [], `${key}: not before it can have been read`);
		driven.press('ctrl-u').agree();
		t.like(change(driven), {route, input}, key);
	}
	const own = atUsers();
	own.press('j', 'o').now += 300;
	own.agree();
	done(own, {id: me.id, operator: false});
	t.is(own.effects.at(-1)?.do, 'identify', 'what one may do oneself has changed');

	const invited = atUsers();
	invited.press('j', 'j', 'o').now += 300;
	const asked = top(invited.model);
	t.regex(
		asked.type === 'confirm' ? asked.facts.map(([text]) => text).join(' ') : '',
		/invited.*new password/,
	);
	invited.agree();
	done(invited, {id: ids.other, operator: true, code: 'lkpw_code'});
	t.like(top(invited.model), {type: 'reveal', secret: 'lkpw_code'});
});

test('the sessions of a user are those of that user, also for late answers', (t) => {
	const driven = atUsers();
	driven.press('enter');
	t.like(driven.effects, [{do: 'load', list: 'userSessions', query: {user_id: bob.id}}]);
	const session = {
		id: ids.other,
		created_at: since,
		last_used_at: since,
		expires_at: '2026-03-13T00:00:00Z',
		address: null,
		user_agent: null,
		current: false,
	};
	const query = driven.model.queries.userSessions;
	driven.press('escape', 'j', 'enter');
	driven.send({
		type: 'loaded',
		answer: {list: 'userSessions', items: [session]},
		query,
		partial: false,
		took: 1,
		epoch: driven.model.epoch,
	});
	t.deepEqual(driven.model.userSessions.items, []);
	gives(driven, {list: 'userSessions', items: [session]});
	driven.press('X').now += 300;
	driven.agree();
	t.like(change(driven), {route: 'endUserSessions', input: {user_id: me.id}});
});

test('ending the session one is in logs out, ending another does not', (t) => {
	const session = {
		id: ids.other,
		created_at: since,
		last_used_at: since,
		expires_at: '2026-03-13T00:00:00Z',
		address: '10.0.0.7',
		user_agent: 'curl',
	};
	const driven = loggedIn();
	driven.press('8', 'S');
	gives(driven, {
		list: 'sessions',
		items: [
			{...session, current: false},
			{...session, id: ids.bob, current: true},
		],
	});
	driven.press('x').agree();
	t.like(change(driven), {route: 'endSession', input: {session_id: session.id}});
	done(driven);
	t.is(driven.model.sessions.items.length, 1);
	driven.press('x');
	driven.agree();
	t.deepEqual(driven.effects, [{do: 'logOut'}]);
	driven.send({type: 'loggedOut'});
	t.is(top(driven.model).type, 'logIn');

	const all = loggedIn();
	all.press('4', 'M', 'X').now += 300;
	all.agree();
	t.deepEqual(all.effects, [{do: 'logOut', everywhere: true}]);
});

test('a new password is typed twice, and a current one that is wrong is said at its field', (t) => {
	const driven = loggedIn();
	driven.press('8', 'c');
	driven.write('of now');
	driven.press('enter');
	driven.write('seven quiet dogs');
	driven.press('enter');
	driven.write('seven quiet cats');
	driven.press('enter');
	t.deepEqual(driven.effects, []);
	driven.press('ctrl-u');
	driven.write('seven quiet dogs');
	driven.press('enter');
	t.like(change(driven), {
		route: 'changePassword',
		input: {body: {current_password: 'of now', new_password: 'seven quiet dogs'}},
	});
	const wrong = {status: 403, code: 'wrong_password'};
	driven.fails(new Failure('refused', 'The current password is wrong', wrong));
	const {form} = top(driven.model) as FormScreen;
	t.is(form.focus, 0);
	t.like(form.fields[0], {
		name: 'current_password',
		problem: 'The current password is wrong',
	});
});

test('sources are made, changed from what they are, and deleted by a y', (t) => {
	const source: Source = {
		id: ids.other,
		name: 'clicks',
		type: 'webhook',
		created_at: since,
		updated_at: since,
	};
	const driven = loggedIn();
	driven.press('2');
	gives(driven, {list: 'sources', items: [source]});
	driven.press('e', 'ctrl-u');
	driven.write('views');
	driven.press('enter', 'enter');
	t.like(change(driven), {
		route: 'updateSource',
		input: {id: source.id, organisation: organisation.id, body: {name: 'views', type: 'webhook'}},
	});
	done(driven, {...source, name: 'views'});
	t.is(driven.model.sources.items[0]?.name, 'views');
	driven.press('x').now += 300;
	driven.agree();
	t.like(change(driven), {route: 'deleteSource', input: {organisation: organisation.id}});
	done(driven, {...source});
	t.deepEqual(driven.model.sources.items, []);

	const viewer = loggedIn([unused], {...me, operator: false, role: 'viewer'});
	viewer.press('2', 'n');
	t.is(top(viewer.model).type, 'sources');
	t.regex(viewer.model.notice?.text ?? '', /may not write sources/);
});

test('a console that only reads changes nobody and nothing', (t) => {
	for (const at of [atMembers, atAccounts, atUsers]) {
		const driven = at();
		driven.model = {...driven.model, readOnly: true};
		const depth = driven.model.screens.length;
		driven.press('n', 'e', 'x', 'd', 'o', 'r', 'n');
		t.is(driven.model.screens.length, depth);
		t.regex(driven.model.notice?.text ?? '', /is read-only/);
	}
	const settings = loggedIn();
	settings.model = {...settings.model, readOnly: true};
	settings.press('8', 'c');
	t.is(top(settings.model).type, 'settings');
});
