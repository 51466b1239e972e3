import type {Furnished} from './furnish.ts';
import type {Walk} from './walk.ts';

/* The walks that the pictures of docs/screens are of. */

export type Visitor = {readonly email: string; readonly password: string};

const pageDown = '\u001B[6~';
const right = '\u001B[C';
const sendNow = '\u0018';
const pasted = (text: string) => `\u001B[200~${text}\u001B[201~`;

/** Logs in, and leaves at the list of keys. */
async function logIn({screen, take, step}: Walk, {email, password}: Visitor): Promise<void> {
	await screen.shows('Password');
	screen.type(`${email}\r`);
	await take('log-in', 'Log in', /> +Password/);
	await step(`${password}\r`, 'keys', 'API keys of an organisation', / ago|just now/);
}

export async function walkOfDocs(
	walk: Walk,
	visitor: Visitor,
	{limited: {name: limited, spend}, leaked}: Furnished,
): Promise<void> {
	const {screen, take, step, agree, leave, listening} = walk;
	await logIn(walk, visitor);
	await step('/ingest', 'filter', 'The list, filtered while one types', /^ \/ ingest/m);
	await leave('sort created');
	await step(':mem', 'palette', 'Screens and actions by name', /^ : mem/m);
	await leave('sort created');
	await step('?', 'help', 'Every shortcut of a screen', 'keyboard shortcuts');
	await leave('sort created');
	screen.type('n');
	await screen.shows('A new API key');
	screen.type(`mobile-app${pageDown}`);
	await screen.shows(/> +Expires/);
	await step('90d', 'create', 'A new key, in parts', /in 90d/);
	screen.type(sendNow);
	await screen.shows('only time it is shown');
	const key = /^hklst_\w+$/m.exec(screen.text())?.[0] ?? '';
	await take('reveal', 'A key is shown once', 'only time', key);
	screen.type('\r');
	await screen.shows('Its last 4 characters');
	screen.type(key.slice(-4));
	await screen.shows('sort created');
	screen.type('/');
	await screen.shows(/^ \/ /m);
	const ways = /LAST CALL[\s\S]*x revoke +refused at once; final/;
	await step(pasted(leaked), 'leaked', 'Whose key somebody found, and what can be done', ways);
	// The list is narrowed to what the key begins with.
	await leave(/ \/ hklst_/);
	await leave('sort created');
	await screen.hides(/ \/ hklst_/);
	screen.type('/checkout-eu\r');
	await screen.shows(/2 match/);
	const moving = /Not moved[\s\S]*Used now/;
	await step('\r', 'rotation', 'A rotation: who still uses the old key', moving);
	await leave('2 match');
	await leave('sort created');
	await screen.hides('2 match');
	screen.type('/status:active\r');
	await screen.shows(/ match/);
	screen.type('*');
	await screen.shows(/ marked/);
	await step('d', 'clean-up', 'Suspending or revoking several keys', /Suspend \d+ keys\?/);
	await leave(/ marked/);
	await leave(/ match/);
	screen.type('u');
	await screen.hides(/ marked/);
	await leave('sort created');
	await screen.hides(/ match/);
	screen.type('/billing-prod\r');
	await screen.shows(/1 match/);
	await step('\r', 'key', 'All about a key, and its use', /24 hours.* accepted/);
	screen.type('e');
	await screen.shows('Change billing-prod');
	screen.type(`${pageDown}${pageDown}`);
	await screen.shows(/> +Scopes/);
	await step('invoices.read', 'edit', 'Changing a key', /Rights +\* changed/);
	await leave('24 hours');
	screen.type('x');
	await screen.shows('It is in use');
	await listening();
	const why = /\[ key_compromise \]/;
	await step(right, 'revoke', 'Revoking a key that is in use, and why', why);
	await leave('24 hours');
	screen.type('d');
	await agree('Suspend billing-prod?');
	await take('suspend', 'A suspended key, and how it is resumed', /Suspended billing-prod/);
	screen.type('u');
	await agree('Resume billing-prod?');
	await screen.shows('Resumed billing-prod');
	screen.type('H');
	await screen.shows('HOW TO FIX IT');
	await step('jj', 'hygiene', 'What is found of the keys of an organisation', /▌ Without/);
	await step('\r', 'to-mend', 'The keys it applies to', /Fix +change it/);
	for (const [press, name, title, wanted] of [
		['2', 'sources', 'Sources', /› sources.*live/],
		['3', 'organisations', 'Organisations', /› organisations.*live/],
		['4', 'members', 'Members and their roles', /› members.*live/],
		['5', 'audit', 'The audit trail', /› audit.*live/],
		['\r', 'audit-entry', 'An entry of the audit trail', /actor/i],
		['6', 'webhooks', 'Webhook endpoints', /› webhooks.*live/],
		['\r', 'deliveries', 'Deliveries to an endpoint', /▌ .* key\./],
		['7', 'health', 'Health', /live \d+s[\s\S]*PostgreSQL/],
		['8', 'settings', 'Who one is, and where', /settings/],
	] as const) {
		await step(press, name, title, wanted);
	}
	await spend(63);
	await step('9', 'limited', 'Keys that are being limited', new RegExp(`▌ ${limited}`));
	await step('\r', 'limits', 'What is left of the limits of a key', /of 500 left/);
	await step('v', 'explain', 'Why a key is refused, step by step', /x fail +rate limits/);
	await leave('Used now');
	screen.type('e');
	await screen.shows(`Change ${limited}`);
	screen.type(pageDown.repeat(4));
	await step('', 'limits-form', 'Limits and a quota, in words', />+ Rate limits/);
	await leave('Used now');
	screen.type(':shared');
	await screen.shows(/▌ shared limits/);
	await step('\r', 'shared-limits', 'Limits that keys share', /▌ .* of 500/);
}
