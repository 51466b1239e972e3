import type {Walk} from './walk.ts';

/* What the pictures of the docs leave out: for whoever looks at every screen after a change of their looks. */

const escape = '\u001B';

/** A screen by its name, what is pressed there in turn, and what the last of it shows. */
type Stop = {
	readonly name: string;
	/** As the palette knows it. */
	readonly place: string;
	readonly presses?: readonly string[];
	readonly wanted: RegExp | string;
};

const stops: readonly Stop[] = [
	{name: 'help of settings', place: 'settings', presses: ['?'], wanted: 'keyboard shortcuts'},
	{name: 'palette', place: 'keys', presses: [':'], wanted: 'Type any name'},
	{name: 'keys sorted', place: 'keys', presses: ['s'], wanted: /next column|by/i},
	{name: 'keys marked', place: 'keys', presses: [' ', 'j', ' '], wanted: /2 marked/},
	{name: 'keys wide', place: 'keys', presses: ['w'], wanted: 'sort created'},
	{name: 'columns', place: 'keys', presses: ['w', 'C'], wanted: 'Which columns are shown'},
	{name: 'keys without a match', place: 'keys nosuchkey', wanted: /match/},
	{name: 'revoke several', place: 'keys ingest', presses: ['*', 'x'], wanted: /Cancel|suspend \d/},
	{name: 'suspend several', place: 'keys ingest', presses: ['*', 'd'], wanted: /Suspend \d/},
	{name: 'suspend, and why', place: 'keys billing-prod', presses: ['D'], wanted: /Reason/},
	{name: 'rotate', place: 'keys billing-prod', presses: ['t'], wanted: 'for 24 hours'},
	{
		name: 'rotate at once',
		place: 'keys billing-prod',
		presses: ['t', 'jjjj', '\r'],
		wanted: /\[ Cancel \]/,
	},
	{
		name: 'rotate with changes',
		place: 'keys billing-prod',
		presses: ['t', 'jjjjj', '\r'],
		wanted: /Grace|grace/,
	},
	{name: 'key with everything', place: 'keys billing-reports', presses: ['\r'], wanted: /Metadata/},
	{
		name: 'edit of that',
		place: 'keys billing-reports',
		presses: ['\r', 'e'],
		wanted: 'Change billing-reports',
	},
	{
		name: 'revoke a protected key',
		place: 'keys billing-reports',
		presses: ['x'],
		wanted: /protect/i,
	},
	{name: 'suspended key', place: 'keys partner-umbrella', presses: ['\r'], wanted: 'CHG-4471'},
	{name: 'scheduled key', place: 'keys warehouse-2027', presses: ['\r'], wanted: /scheduled/},
	{name: 'revoked key', place: 'keys ingest-batch', presses: ['\r'], wanted: /revoked/},
	{name: 'use of a key', place: 'keys billing-prod', presses: ['U'], wanted: /accepted/},
	{name: 'trail of a key', place: 'keys billing-prod', presses: ['a'], wanted: /key\.created/},
	{name: 'explain', place: 'keys billing-prod', presses: ['v'], wanted: /pass/},
	{name: 'quota', place: 'keys partner-initech', presses: ['\r', 'Q'], wanted: /Used/},
	{name: 'overview', place: 'overview', wanted: /accepted/},
	{name: 'live', place: 'live', wanted: /live/i},
	{name: 'key roles', place: 'key roles', wanted: 'billing'},
	{name: 'key role', place: 'key roles', presses: ['\r'], wanted: 'invoices.read'},
	{name: 'new key role', place: 'key roles', presses: ['n'], wanted: /> +Name/},
	{name: 'delete a key role', place: 'key roles', presses: ['x'], wanted: /Delete|delete/},
	{name: 'key policy', place: 'key policy', wanted: /A key that breaks a rule/},
	{name: 'edit the key policy', place: 'key policy', presses: ['e'], wanted: /> /},
	{name: 'new shared limits', place: 'shared limits', presses: ['n'], wanted: /> /},
	{name: 'remove shared limits', place: 'shared limits', presses: ['x'], wanted: /Cancel/},
	{name: 'new source', place: 'sources', presses: ['n'], wanted: /> +Name/},
	{name: 'delete a source', place: 'sources', presses: ['x'], wanted: /Cancel/},
	{name: 'new organisation', place: 'organisations', presses: ['n'], wanted: /> +Name/},
	{name: 'plans', place: 'organisations', presses: ['e'], wanted: /\(now\)/},
	{name: 'plan taken away', place: 'organisations', presses: ['e', 'k', '\r'], wanted: /Cancel/},
	{name: 'role of a member', place: 'members', presses: ['e'], wanted: /\(now\)/},
	{name: 'remove a member', place: 'members', presses: ['j', 'x'], wanted: /Cancel/},
	{name: 'invite', place: 'members', presses: ['n'], wanted: /> +Email/},
	{name: 'invitations', place: 'invitations', wanted: 'ben@acme.example'},
	{name: 'withdraw an invitation', place: 'invitations', presses: ['x'], wanted: /Cancel/},
	{name: 'service accounts', place: 'service accounts', wanted: 'terraform'},
	{name: 'client secrets', place: 'service accounts', presses: ['\r'], wanted: /hklcs|HINT/},
	{name: 'new client secret', place: 'service accounts', presses: ['\r', 'n'], wanted: /> /},
	{name: 'delete a service account', place: 'service accounts', presses: ['x'], wanted: /Cancel/},
	{name: 'users', place: 'users', wanted: 'dana@acme.example'},
	{name: 'new user', place: 'users', presses: ['n'], wanted: /> +Email/},
	{name: 'sessions', place: 'sessions', wanted: /this one|THIS/i},
	{name: 'trail filtered', place: 'audit', presses: ['/'], wanted: /^ \/ /m},
	{name: 'export the trail', place: 'audit', presses: ['E'], wanted: /> /},
	{name: 'new webhook', place: 'webhooks', presses: ['n'], wanted: /> +URL/},
	{name: 'edit a webhook', place: 'webhooks', presses: ['e'], wanted: /> /},
	{name: 'new signing secret', place: 'webhooks', presses: ['t'], wanted: /secret/},
	{name: 'delete a webhook', place: 'webhooks', presses: ['x'], wanted: /Cancel/},
	{name: 'test of a webhook', place: 'webhooks', presses: ['T'], wanted: /Result/},
	{name: 'deliveries to all', place: 'deliveries', wanted: /key\./},
	{name: 'delivery', place: 'deliveries', presses: ['\r'], wanted: /payload/},
	{name: 'send again', place: 'deliveries', presses: ['r'], wanted: /Send/},
	{name: 'send many again', place: 'deliveries', presses: ['m'], wanted: /> /},
	{name: 'change the password', place: 'settings', presses: ['c'], wanted: /> /},
	{name: 'log out', place: 'keys', presses: ['L'], wanted: /Log out/},
];

/**
 * Every other screen, each from the list of keys; what does not come is told, and passed over.
 *
 * @returns the names of those that were not shown
 */
export async function walkOfRest({screen, take, listening}: Walk): Promise<string[]> {
	const missed: string[] = [];
	for (const {name, place, presses = [], wanted} of stops) {
		try {
			await home();
			screen.type(':');
			await screen.shows(/^ :/m);
			screen.type(place);
			await screen.shows(new RegExp(`^ : ${place}`, 'm'));
			screen.type('\r');
			for (const press of presses) {
				await listening();
				screen.type(press);
			}
			await take(name, name, wanted);
		} catch (error) {
			missed.push(`${name}: ${String(error)}`);
		}
	}
	return missed;

	/** The list of keys as it was at first: no marks, no filter, no question. */
	async function home() {
		for (let at = 0; at < 6 && !isHome(screen.text()); at++) {
			await listening();
			screen.type(escape);
			await screen.settled();
		}
		await listening();
		screen.type('1');
		await screen.shows('sort created');
	}
}

function isHome(text: string): boolean {
	return (
		/› keys +\S/.test(text) &&
		text.includes('sort created') &&
		!/ (?:match|marked|\/) |Sort by/.test(text)
	);
}
