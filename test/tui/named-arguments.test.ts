import test from 'ava';
import {administrator} from '../helpers/appliance.ts';
import {openServer} from '../helpers/opening.ts';
import {makeHome, runScript} from './script.ts';

/*
What a command is about is given by what people call it; a name that fits several is refused with their ids.
*/

const {appliance, server} = await openServer();
const HOME = makeHome();
const run = (argv: readonly string[], stdin = '') =>
	runScript(argv, {HOME, LATCHKEY_URL: server.url}, stdin);
const {password} = administrator;
await run(['login', '--email', administrator.email, '--password-stdin'], password);

test.after.always(() => appliance.stop());

async function json<T = {id: string; name: string}>(...argv: string[]): Promise<T> {
	const {status, stdout, stderr} = await run([...argv, '--json']);
	if (status !== 0) throw new Error(stderr);
	return JSON.parse(stdout) as T;
}

test.serial('sources are shown, changed and deleted by name', async (t) => {
	const made = await json('sources', 'create', '--name', 'web shop', '--type', 'webhook');
	t.is((await json('sources', 'show', 'Web Shop')).id, made.id);
	t.is((await json('sources', 'show', made.id.toUpperCase())).id, made.id);
	const twin = await json('sources', 'create', '--name', 'web shop', '--type', 'webhook');
	const several = await run(['sources', 'delete', 'web shop', '--yes']);
	t.is(several.status, 2);
	t.regex(several.stderr, /Several sources are called web shop/);
	for (const {id} of [made, twin]) t.true(several.stderr.includes(id));
	t.is((await json('sources', 'update', twin.id, '--name', 'new shop')).name, 'new shop');
	t.is((await json('sources', 'update', 'web shop', '--name', 'old shop')).name, 'old shop');
	t.is((await run(['sources', 'delete', 'new shop', '--yes'])).status, 0);
	const none = await run(['sources', 'show', 'new shop']);
	t.is(none.status, 3);
	t.regex(none.stderr, /No source is called new shop/);
});

test.serial('service accounts, and their secrets, by name', async (t) => {
	const account = ['service-accounts', 'create', '--role', 'developer', '--name'];
	const made = await json(...account, 'deploy');
	t.is((await json('service-accounts', 'show', 'deploy')).id, made.id);
	t.like(await json('service-accounts', 'disable', 'deploy'), {disabled: true});
	t.like(await json('service-accounts', 'enable', 'deploy'), {disabled: false});
	const secret = await json('service-accounts', 'new-secret', 'deploy', '--expires', '90d');
	const listed = await json<{id: string}[]>('service-accounts', 'secrets', 'deploy');
	t.deepEqual(
		listed.map(({id}) => id),
		[secret.id],
	);
	const ended = ['service-accounts', 'revoke-secret', 'deploy', secret.id, '--yes'];
	t.is((await run(ended)).status, 0);
	await json(...account, 'Deploy');
	t.is((await json('service-accounts', 'show', 'deploy')).id, made.id, 'the very letters count');
	const several = await run(['service-accounts', 'delete', 'DEPLOY', '--yes']);
	t.is(several.status, 2);
	t.true(several.stderr.includes(made.id));
	t.is((await run(['service-accounts', 'delete', 'deploy', '--yes'])).status, 0);
	t.is((await run(['service-accounts', 'show', 'nobody'])).status, 3);
});

test.serial('an invitation is withdrawn by whom it invites', async (t) => {
	const invite = ['invitations', 'create', '--role', 'viewer', '--email', 'ana@example.com'];
	await json(...invite);
	t.is((await run(['invitations', 'withdraw', 'ANA@example.com', '--yes'])).status, 0);
	const again = await run(['invitations', 'withdraw', 'ana@example.com', '--yes']);
	t.is(again.status, 3);
	t.regex(again.stderr, /No open invitation is for ana@example\.com/);
});

test.serial('webhooks by their URL, their host or a part of it', async (t) => {
	const make = async (url: string) => json('webhooks', 'create', '--to', url);
	const one = await make('https://hooks.example.com/latchkey');
	const other = await make('https://audit.example.com/latchkey');
	for (const wanted of ['https://hooks.example.com/latchkey', 'hooks.example.com', 'hooks']) {
		t.is((await json('webhooks', 'show', wanted)).id, one.id, wanted);
	}
	const several = await run(['webhooks', 'disable', 'example.com']);
	t.is(several.status, 2);
	t.regex(several.stderr, /Several webhooks go to example\.com/);
	for (const {id} of [one, other]) t.true(several.stderr.includes(id));
	t.is((await run(['webhooks', 'show', 'latchkey'])).status, 3, 'only the host is looked at');
	t.deepEqual(await json<object[]>('webhooks', 'deliveries', '--webhook', 'audit'), []);
	t.like(await json('webhooks', 'disable', 'audit'), {status: 'disabled'});
	t.is((await run(['webhooks', 'delete', 'hooks.example.com', '--yes'])).status, 0);
	t.is((await run(['webhooks', 'show', 'hooks.example.com'])).status, 3);
});

test.serial('their names are printed for what completes them', async (t) => {
	await json('sources', 'create', '--name', 'a source', '--type', 'webhook');
	await json('webhooks', 'create', '--to', 'https://names.example.com/x');
	await json('invitations', 'create', '--role', 'viewer', '--email', 'bob@example.com');
	for (const [thing, name] of [
		['sources', 'a source'],
		['service-accounts', 'Deploy'],
		['webhooks', 'names.example.com'],
		['invitations', 'bob@example.com'],
		['members', administrator.email],
	] as const) {
		const {status, stdout} = await run(['names', thing]);
		t.is(status, 0, thing);
		t.true(stdout.split('\n').includes(name), `${thing}: ${stdout}`);
	}
	t.is((await run(['names', 'everything'])).status, 2);
});

test.serial('ends of keys are asked for by a span, a day or a time', async (t) => {
	const make = async (name: string, ...end: string[]) =>
		json('keys', 'create', '--name', name, ...end);
	await make('soon', '--expires', '10d');
	await make('later', '--expires', '60d');
	await make('never');
	const names = async (...query: string[]) =>
		(await json<{name: string}[]>('keys', 'list', ...query)).map(({name}) => name).toSorted();
	t.deepEqual(await names('--expires-before', '30d'), ['soon']);
	t.deepEqual(await names('--expires-after', '30d'), ['later']);
	t.deepEqual(await names('--expires-before', '2999-01-01'), ['later', 'soon']);
	t.deepEqual(await names('--expires-after', '2999-01-01T00:00:00Z'), []);
	t.deepEqual(await names('--idle-days', '30d'), [], 'they are younger than that');
	t.is((await run(['keys', 'hygiene', '--idle-days', '12w', '--expiring-days', '14'])).status, 0);
	const part = await run(['keys', 'list', '--idle-days', '36h']);
	t.is(part.status, 2);
	t.regex(part.stderr, /--idle-days must be whole days such as 90, 90d or 12w/);
	t.deepEqual(await names('--created-by', administrator.email), ['later', 'never', 'soon']);
	t.deepEqual(await names('--filter', 'by:admin expires:<30d'), ['soon']);
	const wrong = await run(['keys', 'list', '--expires-before', 'tomorrow']);
	t.is(wrong.status, 2);
	t.regex(wrong.stderr, /--expires-before must be a time such as 30d, 2030-01-15/);
	const nobody = await run(['keys', 'list', '--created-by', 'nobody']);
	t.not(nobody.status, 0);
	t.regex(nobody.stderr, /--created-by must be the id or email of a user/);
});
