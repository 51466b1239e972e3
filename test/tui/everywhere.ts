import {unsetPolicy} from '../../core/key-policies/effective.ts';
import {effectivePolicy} from '../../core/key-policies/effective.ts';
import type {Effect, Event} from '../../tui/app/effect.ts';
import {kindOf, kinds} from '../../tui/app/kinds.ts';
import type {ListName} from '../../tui/app/lists.ts';
import {initialModel, type Model} from '../../tui/app/model.ts';
import {top} from '../../tui/app/navigation.ts';
import {bindings} from '../../tui/keyboard/keymap.ts';
import {countsOf} from '../../tui/screens/keys/hygiene/list.ts';
import {
	detail,
	drive,
	type Driven,
	loggedIn,
	me,
	organisation,
	start,
	unused,
	used,
} from './driven.ts';

/*
Every screen of the console: from each that is known, every key that is bound there is pressed, and what is
asked of a server is answered, until nothing new is seen.
*/

const since = '2026-03-01T00:00:00Z';
const long = 'a-name-that-is-as-long-as-names-of-things-may-be';
const bob = {id: '88888888-8888-4888-8888-888888888888', email: `${long}@${long}.example`};
const endpoint = {
	id: '77777777-7777-4777-8777-777777777777',
	url: `https://hooks.acme.example/${long}/${long}`,
	url_shown: 'whole',
	description: long,
	event_types: null,
	custom_header_names: [],
	api_version: '2026-11-01',
	status: 'active',
	disabled_reason: null,
	disabled_at: null,
	created_at: since,
	updated_at: since,
	last_success_at: null,
	consecutive_failures: 0,
	failing_since: null,
	paused_until: null,
	secrets: [
		{created_at: since, expires_at: null},
		{created_at: since, expires_at: '2026-03-13T00:00:00Z'},
	],
};
const disabled = {
	...endpoint,
	id: '77777777-7777-4777-8777-777777777778',
	status: 'disabled',
	disabled_at: since,
};
const delivery = {
	id: '99999999-9999-4999-8999-999999999999',
	endpoint_id: endpoint.id,
	event_id: 'msg_0123456789abcdef0123456789abcdef',
	event_type: 'key.revoked',
	replay: 0,
	status: 'dead',
	attempts: 10,
	next_attempt_at: '2026-03-12T12:30:00Z',
	created_at: since,
	finished_at: null,
	last_status_code: 503,
	last_error: 'answered 503',
	key: {id: used.id, name: long},
};
const tested = {
	result: 'http',
	detail: null,
	address: '203.0.113.7',
	status_code: 503,
	timings: {dns: 1, connect: 4, tls: 9, first_byte: 20, total: 21.5},
	response_headers: {},
	response_body: 'down',
	request: {headers: {'webhook-id': 'msg_1'}, body: '{}', signed_text: 'msg_1.1.{}'},
};
const keys = [
	{...used, name: long},
	unused,
	{...unused, id: '33333333-3333-4333-8333-333333333334', name: 'still', suspended_at: since},
	{
		...unused,
		id: '33333333-3333-4333-8333-333333333335',
		name: 'turning',
		grace_until: '2026-04-01T00:00:00Z',
		replaced_by_id: used.id,
		status: 'rotating',
	},
];
const session = {
	created_at: since,
	last_used_at: since,
	expires_at: '2026-04-01T00:00:00Z',
	address: '2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff',
	user_agent: `${long} ${long} ${long}`,
};
const user = {
	operator: false,
	disabled: false,
	origin: 'invitation',
	confirmed: false,
	created_at: since,
};
const account = {
	id: '66666666-6666-4666-8666-666666666666',
	name: long,
	role: 'developer',
	disabled: false,
	created_at: since,
	secrets: 1,
};
const action = (name: string) => ({name, body: null});
const toMend = (key: typeof unused, finding: string, name: string) => ({
	...key,
	version: 3,
	findings: [{finding, detail: long, action: action(name)}],
});
const counts = {
	keys: 3,
	affected: 3,
	findings: {
		never_used: 1,
		idle: 1,
		no_end: 1,
		unrestricted: 1,
		expiring: 1,
		over_privileged: 1,
		shared: 1,
		maker_left: 1,
	},
};
const policy = {
	own: unsetPolicy,
	appliance: unsetPolicy,
	effective: effectivePolicy(unsetPolicy, unsetPolicy),
	updated_at: null,
};
const limits = {rate_limits: [], quota: null, quota_used: null, quota_resets_at: null};
const entry = {
	id: 'e1',
	sequence: 1,
	recorded_at: '2026-03-12T11:00:00.000000Z',
	hash: 'a',
	action: 'key.revoked',
	outcome: 'ok',
	actor: {type: 'user', id: bob.id, name: bob.email},
	target: {type: 'key', id: used.id, name: long},
	address: '10.0.0.7',
	request_id: 'r',
	details: {},
};

/** What every list has. A list that is not here has no rows, and shows what it says then. */
const rows: Partial<Record<ListName, readonly object[]>> = {
	keys,
	keysLeft: keys.slice(0, 2).map((key) => ({...key, org_id: organisation.id, organisation: long})),
	keyHygiene: countsOf({
		idle_days: 90,
		expiring_days: 30,
		most_addresses: 10,
		watched_since: since,
		counts,
		keys: [],
	} as never),
	keysToMend: [toMend(used, 'idle', 'suspend'), toMend(unused, 'never_used', 'revoke')],
	keyRoles: [
		{
			id: 'r1',
			name: long,
			description: long,
			scopes: ['a.read'],
			created_at: since,
			updated_at: since,
			keys: 0,
		},
	],
	sharedLimits: [{...limits, id: '', owner: null, keys: 2}],
	organisations: [
		organisation,
		{...organisation, id: '11111111-1111-4111-8111-111111111112', name: long, plan: 'free'},
	],
	sources: [{id: 's1', name: long, type: 'postgres', created_at: since, updated_at: since}],
	members: [
		{...bob, role: 'viewer', created_at: since},
		{id: me.id, email: me.email, role: 'owner', created_at: since},
	],
	invitations: [
		{
			id: 'i1',
			email: bob.email,
			role: 'viewer',
			created_at: since,
			expires_at: '2026-04-01T00:00:00Z',
		},
	],
	serviceAccounts: [
		account,
		{...account, id: '66666666-6666-4666-8666-666666666667', disabled: true},
	],
	clientSecrets: [
		{id: 'c1', hint: 'hklcs_abcdef', created_at: since, last_used_at: null, expires_at: null},
	],
	users: [
		{...user, ...bob},
		{...user, id: me.id, email: me.email, operator: true},
	],
	sessions: [
		{...session, id: 'there', current: false},
		{...session, id: 'here', current: true},
	],
	userSessions: [{...session, id: 'there', current: false}],
	audit: [entry],
	webhooks: [endpoint, disabled],
	deliveries: [delivery],
};

/** What a server answers to what is asked for. */
function answersTo(effect: Effect, model: Model): Event[] {
	const {epoch} = model;
	const answer = (event: object): Event[] => [event as Event];
	if (effect.do === 'load') {
		if (rows[effect.list] === undefined) return [];
		return answer({
			type: 'loaded',
			answer: {list: effect.list, items: rows[effect.list]},
			query: effect.query,
			partial: false,
			took: 1,
			epoch,
		});
	}
	if (effect.do === 'readKeysOfLeavers') {
		return answer({type: 'keysOfLeaversRead', ids: [used.id], epoch});
	}
	if (effect.do === 'readToChange') {
		return answer({type: 'readToChange', read: {key: {...detail, name: long}, tag: '"1"'}});
	}
	if (effect.do === 'readRoleToChange') {
		return answer({type: 'roleReadToChange', read: {role: rows.keyRoles?.[0], tag: '"1"'}});
	}
	if (effect.do === 'readPolicyToChange') {
		return answer({
			type: 'policyReadToChange',
			read: {list: effect.list, place: effect.place, state: policy, tag: '"1"'},
		});
	}
	if (effect.do === 'readReliance') {
		return answer({type: 'relianceRead', organisation: effect.organisation});
	}
	if (effect.do === 'tryPolicy') {
		return answer({type: 'policyTried', of: effect});
	}
	if (effect.do === 'countReplay') {
		return answer({
			type: 'replayCounted',
			endpoint: effect.endpoint,
			replay: effect.replay,
			count: 12_345,
		});
	}
	if (effect.do === 'testWebhook') {
		return answer({type: 'webhookTested', endpoint: effect.endpoint, result: tested});
	}
	if (effect.do === 'change') {
		const {reveal} = effect.change;
		return reveal === undefined
			? []
			: answer({
					type: 'changed',
					change: effect.change,
					body: {id: 'new', [reveal.member]: `secret_${long}WXYZ`},
				});
	}
	return [];
}

/** The console as it was left, to go on from there. */
export function from({model, now}: Pick<Driven, 'model' | 'now'>): Driven {
	const driven = drive(model);
	driven.now = now;
	return driven;
}

/** Answers all that was asked for, and what that asks for. */
export function settle(driven: Driven): Driven {
	let asked = driven.effects;
	for (let round = 0; round < 4 && asked.length > 0; round++) {
		const next: Effect[] = [];
		for (const event of asked.flatMap((effect) => answersTo(effect, driven.model))) {
			driven.send(event);
			next.push(...driven.effects);
		}
		asked = next;
	}
	return driven;
}

/** What tells one screen from another. */
export function nameOf(model: Model): string {
	const screen = top(model);
	if (screen.type === 'choice') return `choice ${screen.name}: ${screen.title}`;
	return 'name' in screen ? `${screen.type} ${screen.name}` : screen.type;
}

/** What is pressed that a screen binds; in a form what leads to its question is typed, too. */
function keysOf({model}: Driven): string[][] {
	const screen = top(model);
	const bound = kindOf(screen)
		.contexts(screen, model)
		.flatMap((context) =>
			bindings(context).flatMap(
				([
					,
					{
						keys: [key = ''],
					},
				]) => [[key]],
			),
		);
	if (screen.type === 'choice') {
		return screen.options.map((_, index) => [
			...Array.from({length: screen.options.length}, () => 'up'),
			...Array.from({length: index}, () => 'down'),
			'enter',
		]);
	}
	if (screen.type === 'confirm') return [[...(screen.word ?? '').split(''), 'enter']];
	if (screen.type !== 'form')
		return [
			...bound,
			['*', 'x'],
			['*', 'd'],
			['*', 'r'],
			['j', 'x'],
			['j', 'd'],
			['j', 'e'],
			['j', 'j', 'e'],
			['j', 'o'],
			['j', 'j', 'd'],
			['j', 'j', 'j', 't'],
		];
	return [['enter', 'enter', 'enter', 'enter'], ['ctrl-x']];
}

/** Every screen that is reached by keys, each once, as it is then; `before` hears of each press. */
export function everywhere(
	onPress: (from: Driven, keys: readonly string[], to: Driven) => void = () => {},
): Map<string, Driven> {
	const known = new Map<string, Driven>();
	const first = settle(loggedIn(keys as never));
	const waiting = [first];
	const see = (driven: Driven) => {
		const name = nameOf(driven.model);
		if (known.has(name)) return;
		known.set(name, from(driven));
		waiting.push(driven);
	};
	see(first);
	for (const kind of Object.values(kinds)) {
		const {place} = kind;
		if (place === undefined) continue;
		const driven = from(first);
		const [model, ...effects] = place.open(driven.model);
		driven.model = model;
		driven.effects = effects;
		see(settle(driven));
	}
	for (let at = waiting.shift(); at !== undefined; at = waiting.shift()) {
		for (const pressed of keysOf(at)) {
			const driven = from(at).press(...pressed);
			onPress(at, pressed, driven);
			if (driven.model.help !== undefined || driven.model.palette !== undefined) continue;
			see(settle(driven));
		}
	}
	return known;
}

/** The screens before anybody is logged in. */
export function before(): Driven[] {
	const at = (setupRequired: boolean, providers: string[]) =>
		drive(initialModel('http://server:8080', {columns: 80, rows: 24}, start)).send({
			type: 'probed',
			setupRequired,
			session: false,
			tokenFound: false,
			providers,
		});
	return [drive(), at(true, []), at(false, []), at(false, ['corp', 'other'])];
}
