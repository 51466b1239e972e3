import test from 'ava';
import {minPasswordLength, newPassword} from '../../contract/people.ts';
import {passwordFault} from '../../core/people/passwords/password-policy.ts';

const whose = {email: 'ana.lopez@example.com', organisations: ['Acme Rockets', 'HP']};
const fault = (password: string) => passwordFault(password, whose);

/** The first complaint of the schema; undefined: none. */
function complaint(value: unknown): string | undefined {
	return newPassword('password').safeParse(value).error?.issues[0]?.message;
}

test('S-55: 15 characters of any kind are enough, 14 are not, and characters are code points', (t) => {
	t.is(minPasswordLength, 15);
	t.is(complaint('a'.repeat(15)), undefined);
	t.is(complaint('a'.repeat(14)), 'password must be at least 15 characters');
	t.is(complaint('🔑'.repeat(15)), undefined);
	t.is(complaint('🔑'.repeat(8)), 'password must be at least 15 characters');
	t.is(complaint('à la carte — 日本語で'), undefined);
	t.is(complaint('x'.repeat(1024)), undefined);
	t.is(complaint('x'.repeat(1025)), 'password must be at most 1024 characters');
	t.is(complaint('fifteen chars \uD800'), 'password must be well-formed Unicode text');
	t.is(complaint(undefined), 'password is required');
});

for (const password of [
	'qwertyuiop12345',
	'QWERTYUIOP12345',
	'1qaz-2wsx-3edc-4rfv',
	'passwordpassword',
	'Password Password!',
	'sunshine.football',
	'123456789012345',
	'passwordpasswordpassword',
	'aaaaaaaaaaaaaaaa',
	'abcabcabcabcabcabcabcabc',
	'  .  .  .  .  .  .  .  ',
]) {
	test(`S-55: refused as common: ${password}`, async (t) => {
		t.regex((await fault(password)) ?? '', /^must not be a common password/);
	});
}

test('S-55: a password that holds the name of the product or of the organisation is refused', async (t) => {
	for (const password of ['my LatchKey is under the mat', 'l.a.t.c.h.k.e.y 2026 2027']) {
		t.is(await fault(password), 'must not contain the name of the product, Latchkey');
	}
	for (const password of ['acme-rockets go to the moon', 'the ACMEROCKETS of november']) {
		t.is(await fault(password), 'must not contain the name of your organization');
	}
	t.is(await fault('philharmonic hp sauce'), undefined, 'two letters are not a name to guess by');
});

test('S-55: a password that is mainly the email is refused', async (t) => {
	for (const password of ['ana.lopez@example.com', 'Ana Lopez 2026!!', 'analopezanalopez1']) {
		t.is(await fault(password), 'must not be mainly your email', password);
	}
	t.is(await fault('analopez walks seven dogs'), undefined);
});

test('S-55: good passwords pass: words, any script, symbols, what a manager makes', async (t) => {
	for (const password of [
		'correct horse battery staple',
		'mountains remember rain',
		'дождь помнит горы и реки',
		'山は雨を覚えている静かな夜に',
		'🔑🔒🚪🏠🌳🐕🎈🍎🚲🎻🧦🪁🧊🐌🦉',
		'kX9#vT2$mQ7&wZ4',
		'x7Gf0pQm2vLkZ91bHsWc',
	]) {
		t.is(await fault(password), undefined, password);
	}
});
