import test from 'ava';
import type {KeyDetail} from '../../contract/keys.ts';
import {top} from '../../tui/app/navigation.ts';
import type {FormScreen} from '../../tui/screens/kinds/form/screen.ts';
import {Failure} from '../../tui/failure.ts';
import {
	away,
	created,
	detail,
	type Driven,
	keyFields,
	loggedIn,
	me,
	organisation,
	used,
} from './driven.ts';

/*
The form of a key in its parts: of a new one, and of one that is changed.
*/

const bound: KeyDetail = {
	...detail,
	expires_at: '2026-06-10T12:00:00Z',
	scopes: ['orders.read'],
	ip_allow: ['10.20.0.0/16'],
	version: 3,
};

function form({model}: Driven): FormScreen['form'] {
	const screen = top(model);
	if (screen.type !== 'form') throw new Error(`not a form but ${screen.type}`);
	return screen.form;
}

function field(driven: Driven, name: string) {
	const found = form(driven).fields.find((each) => each.name === name);
	if (found === undefined) throw new Error(`no field ${name}`);
	return found;
}

/** The field that is typed in, and its part. */
function here(driven: Driven) {
	const {fields, focus} = form(driven);
	return [fields[focus]?.part, fields[focus]?.name];
}

function body({effects}: Driven): unknown {
	const [effect] = effects;
	return effect?.do === 'change' ? (effect.change.input as {body: unknown}).body : undefined;
}

/** Goes to a field, wherever one is. */
function goTo(driven: Driven, name: string): Driven {
	const {focus} = form(driven);
	const by = keyFields.indexOf(name) - focus;
	return driven.press(...Array.from({length: Math.abs(by)}, () => (by > 0 ? 'tab' : 'shift-tab')));
}

/** A console in which the key in use is about to be changed. */
function editing(read = bound, tag = '"3"') {
	const driven = loggedIn();
	driven.press('j', 'e');
	const asked = driven.effects;
	return Object.assign(driven.send({type: 'readToChange', read: {key: read, tag}}), {asked});
}

test('the form of a new key goes from field to field, and from part to part', (t) => {
	const driven = loggedIn().press('n');
	t.deepEqual(here(driven), ['basics', 'name']);
	driven.press('pagedown');
	t.deepEqual(here(driven), ['time', 'expires_at']);
	driven.press('tab', 'tab');
	t.is(here(driven)[0], 'rights', 'the next field may be in the next part');
	driven.press('pagedown');
	t.deepEqual(here(driven), ['addresses', 'ip_allow']);
	driven.press('pagedown');
	t.deepEqual(here(driven), ['limits', 'rate_limits']);
	driven.press('pagedown');
	t.is(here(driven)[1], keyFields.at(-1), 'there is no part beyond the last');
	driven.press('pageup', 'pageup', 'pageup', 'pageup', 'pageup');
	t.deepEqual(here(driven), ['basics', 'name']);
});

test('it is sent from any field, and what is wrong is gone to, in whatever part it is', (t) => {
	const driven = loggedIn().press('n').write('fresh');
	goTo(driven, 'expires_at').write('soon');
	driven.press('pagedown', 'pagedown', 'ctrl-x');
	t.deepEqual(here(driven), ['time', 'expires_at']);
	t.regex(field(driven, 'expires_at').problem ?? '', /^takes 90d/);
	t.deepEqual(driven.effects, []);
	driven.press('ctrl-u').write('90d').press('pageup', 'ctrl-x');
	t.deepEqual(body(driven), {name: 'fresh', expires_at: '2026-06-10T12:00:00Z'});
});

test('what the server has against one entry of a field is shown at that field', (t) => {
	const driven = loggedIn().press('n').write('fresh').press('ctrl-x');
	const details = {status: 400, code: 'invalid_field', field: 'scopes[3]'};
	driven.fails(new Failure('refused', 'scopes[3] must be a scope', details));
	t.deepEqual(here(driven), ['rights', 'scopes']);
	t.is(field(driven, 'scopes').problem, 'scopes[3] must be a scope');
	t.false(form(driven).busy);
});

test('where it is not known whether a key was made, the very same is asked for again', (t) => {
	const driven = loggedIn().press('n').write('fresh').press('pagedown').write('90d');
	driven.press('ctrl-x');
	const [first] = driven.effects;
	driven.fails(away);
	t.regex(
		form(driven).problem ?? '',
		/not known whether the key was made\. Press enter to ask again: it is made only once/,
	);
	// The server is back, an hour later: what was sent said when it ends.
	driven.send({
		type: 'probed',
		setupRequired: false,
		session: true,
		tokenFound: false,
		providers: [],
	});
	driven.now += 3_600_000;
	driven.press('pagedown', 'pagedown', 'ctrl-x');
	t.is(driven.effects[0], first);
	driven.fails(away);

	// Another text and back is still the same; another text is another key.
	goTo(driven, 'name').press('x', 'backspace', 'ctrl-x');
	t.is(driven.effects[0], first);
	driven.fails(away);
	driven.press('2', 'ctrl-x');
	t.not(driven.effects[0], first);
	t.deepEqual(body(driven), {name: 'fresh2', expires_at: '2026-06-10T13:00:00Z'});
	driven.answers({...created, name: 'fresh2'});
	t.is(top(driven.model).type, 'reveal');

	const other = loggedIn().press('n').write('fresh').press('ctrl-x');
	t.not(other.effects[0], first, 'another form asks for another key');
});

test('the form of a change opens with what the key carries, as it was just read', (t) => {
	const driven = editing();
	t.deepEqual(driven.asked, [{do: 'readToChange', organisation: organisation.id, id: bound.id}]);
	t.is(field(driven, 'name').text.value, 'ingest-prod');
	t.is(field(driven, 'expires_at').text.value, '2026-06-10T12:00:00Z');
	t.is(field(driven, 'scopes').text.value, 'orders.read');
	t.is(field(driven, 'ip_allow').text.value, '10.20.0.0/16');
	t.is(field(driven, 'ip_deny').text.value, '');
});

test('of a change only what differs is sent, for the version that was read; no text is none of it', (t) => {
	const driven = editing();
	goTo(driven, 'ip_deny').write('10.20.99.0/24');
	goTo(driven, 'scopes').press('ctrl-u');
	goTo(driven, 'expires_at').press('ctrl-u').write('7d').press('ctrl-x');
	t.like(driven.effects[0], {
		do: 'change',
		change: {
			route: 'updateKey',
			input: {org_id: organisation.id, key_id: bound.id, ifMatch: '"3"'},
		},
	});
	t.deepEqual(body(driven), {
		expires_at: '2026-03-19T12:00:00Z',
		scopes: null,
		ip_deny: ['10.20.99.0/24'],
	});
	driven.answers({...bound, scopes: null}, 'verifiers=3; ms=6');
	t.is(driven.model.notice?.text, 'Changed ingest-prod: in force everywhere (3 servers, 6 ms)');
	t.is(top(driven.model).type, 'keys');
	t.is(driven.model.keys.items.find(({id}) => id === bound.id)?.scopes, null);
});

test('what was written otherwise, but means the same, is no change', (t) => {
	const driven = editing();
	goTo(driven, 'ip_allow').write(' ');
	goTo(driven, 'scopes').write(', orders.read').press('ctrl-x');
	t.deepEqual(driven.effects, []);
	t.is(top(driven.model).type, 'keys');
	t.regex(driven.model.notice?.text ?? '', /^Nothing was changed/);
});

test('a key that has ended can be changed without a new end', (t) => {
	const driven = editing({...bound, expires_at: '2026-03-01T00:00:00Z', status: 'expired'});
	driven.write('2').press('ctrl-x');
	t.deepEqual(body(driven), {name: 'ingest-prod2'});
});

test('a name cannot be emptied', (t) => {
	const driven = editing().press('pagedown', 'pageup', 'ctrl-u', 'ctrl-x');
	t.deepEqual(here(driven), ['basics', 'name']);
	t.is(field(driven, 'name').problem, 'name is required');
});

test('a key that loses its last role is asked about, and no is back in the form', (t) => {
	const driven = editing({...bound, scopes: null, roles: ['billing']});
	goTo(driven, 'roles').press('ctrl-u');
	goTo(driven, 'name').write('2').press('ctrl-x');
	t.deepEqual(driven.effects, []);
	t.is(top(driven.model).type, 'confirm');
	driven.press('escape');
	t.is(field(driven, 'name').text.value, 'ingest-prod2');
	t.is(field(driven, 'roles').text.value, '');
	t.false(form(driven).busy);
	driven.press('ctrl-x').wait(300).agree();
	t.deepEqual(body(driven), {name: 'ingest-prod2', roles: null});
	driven.fails(changedMeanwhile);
	t.deepEqual(driven.effects, [{do: 'readToChange', organisation: organisation.id, id: bound.id}]);
	driven.send({
		type: 'readToChange',
		read: {key: {...bound, scopes: ['orders.*'], roles: ['billing']}, tag: '"4"'},
	});
	t.is(field(driven, 'scopes').news, '! meanwhile changed to orders.*');
	driven.press('ctrl-x');
	t.deepEqual(body(driven), {name: 'ingest-prod2', roles: null}, 'scopes of its own restrict it');
	driven.answers({...bound, name: 'ingest-prod2'});
	t.is(top(driven.model).type, 'keys');
});

const changedMeanwhile = new Failure(
	'refused',
	'The API key was changed meanwhile; read it again',
	{
		status: 412,
		code: 'precondition_failed',
	},
);

test('a key that was changed meanwhile: what was typed stays, what differs is told, and again is on purpose', (t) => {
	const driven = editing();
	driven.write('2');
	goTo(driven, 'scopes').press('ctrl-u').write('invoices.*').press('ctrl-x');
	driven.fails(changedMeanwhile);
	t.deepEqual(driven.effects, [{do: 'readToChange', organisation: organisation.id, id: bound.id}]);
	const theirs = {...bound, scopes: ['orders.*'], ip_allow: null, version: 4};
	driven.send({type: 'readToChange', read: {key: theirs, tag: '"4"'}});
	t.regex(
		form(driven).problem ?? '',
		/^Somebody else changed this key meanwhile, and nothing was sent/,
	);
	t.is(field(driven, 'name').text.value, 'ingest-prod2');
	t.is(field(driven, 'name').news, undefined);
	t.is(field(driven, 'scopes').text.value, 'invoices.*');
	t.is(field(driven, 'scopes').news, '! Scopes is now orders.*: yours replaces it');
	t.is(field(driven, 'ip_allow').text.value, '', 'nobody touched it here');
	t.is(field(driven, 'ip_allow').news, '! meanwhile changed to empty');
	t.deepEqual(here(driven), ['rights', 'scopes'], 'it goes to the first that differs');
	t.deepEqual(driven.effects, [], 'nothing is sent by itself');

	driven.press('ctrl-x');
	t.deepEqual(body(driven), {name: 'ingest-prod2', scopes: ['invoices.*']});
	t.like(driven.effects[0], {change: {input: {ifMatch: '"4"'}}});
});

test('a key that was revoked, or is gone, meanwhile says so', (t) => {
	const revoked = editing().write('2').press('ctrl-x').fails(changedMeanwhile);
	const ended = {...bound, revoked_at: '2026-03-12T12:00:00Z', version: 4};
	revoked.send({type: 'readToChange', read: {key: ended, tag: '"4"'}});
	t.regex(form(revoked).problem ?? '', /^This key was revoked meanwhile/);

	const gone = editing().write('2').press('ctrl-x');
	gone.fails(new Failure('refused', 'API key not found', {status: 404}));
	t.is(top(gone.model).type, 'keys');
	t.is(gone.model.notice?.text, 'This key is gone');
});

test('what cannot be changed is not asked for', (t) => {
	const ended = loggedIn([{...used, revoked_at: '2026-03-12T11:00:00Z'}]).press('e');
	t.deepEqual(ended.effects, []);
	t.regex(ended.model.notice?.text ?? '', /revoked for good/);
	const viewer = loggedIn([used], {...me, operator: false, role: 'viewer'}).press('e');
	t.deepEqual(viewer.effects, []);
	t.is(viewer.model.notice?.text, 'Your role may not change keys');
});

test('a key that is read late to be changed opens no form over another screen', (t) => {
	const driven = loggedIn().press('e', '2');
	driven.send({type: 'readToChange', read: {key: bound, tag: '"3"'}});
	t.is(top(driven.model).type, 'sources');
	const failed = loggedIn()
		.press('e')
		.fails(new Failure('refused', 'No', {status: 403}));
	t.is(failed.model.notice?.text, 'No');
});
