import type {Client, Input} from '../client.ts';
import {providerNames} from '../device-login.ts';
import {asFailure, Failure} from '../failure.ts';
import type {Session} from '../session/session.ts';
import {download} from './download.ts';
import type {Effect, Event, LoadedAnswer, RevokeOutcome} from './model.ts';
import {isPaged, pagedReaders, readers} from './readers.ts';

export type Surroundings = {
	client: Client;
	session: Session;
	/** Id of the organisation that the profile chose. */
	home: string | undefined;
	/** Asked for beside the probe that is being answered now. */
	early?: ReturnType<typeof identify> | undefined;
	findSetupToken: () => string | undefined;
	copy: (text: string) => void;
	repaint: () => void;
	quit: (status: number) => void;
	/** Where files are written. */
	folder: string;
	now: () => number;
};

type Emit = (event: Event) => void;

/** Does what `update` asked for and reports each outcome as an event; never throws. */
export async function perform(
	effect: Effect,
	surroundings: Surroundings,
	emit: Emit,
): Promise<void> {
	try {
		await attempt(effect, surroundings, emit);
	} catch (error) {
		emit({type: 'failed', effect, failure: asFailure(error)});
	}
}

async function attempt(effect: Effect, surroundings: Surroundings, emit: Emit): Promise<void> {
	const {client, session, home} = surroundings;
	switch (effect.do) {
		case 'probe': {
			// Who has a session is asked for at once: a round trip less before the first rows.
			const early = session.exists() ? identify(client, home) : undefined;
			early?.catch(() => {});
			const [{body}, providers] = await Promise.all([
				client.call('setupState', {}),
				providerNames(client),
			]);
			const tokenFound = surroundings.findSetupToken() !== undefined;
			surroundings.early = early;
			emit({
				type: 'probed',
				setupRequired: body.required,
				session: session.exists(),
				tokenFound,
				providers,
			});
			// Whatever follows from this answer has begun; somebody else may log in later.
			surroundings.early = undefined;
			return;
		}
		case 'setUp': {
			const setupToken = effect.token ?? surroundings.findSetupToken() ?? '';
			const {email, password} = effect;
			await client.call('setup', {setupToken, body: {email, password}});
			session.begin((await client.call('login', {body: {email, password}})).body);
			emit({type: 'loggedIn'});
			return;
		}
		case 'logIn': {
			const {email, password} = effect;
			session.begin((await client.call('login', {body: {email, password}})).body);
			emit({type: 'loggedIn'});
			return;
		}
		case 'acceptInvitation': {
			const {code, password} = effect;
			session.begin((await client.call('acceptInvitation', {body: {code, password}})).body);
			emit({type: 'loggedIn'});
			return;
		}
		case 'resetPassword': {
			const {code, password} = effect;
			await client.call('resetPassword', {body: {code, password}});
			emit({type: 'passwordSet'});
			return;
		}
		case 'startDeviceLogin': {
			const {provider} = effect;
			const {body} = await client.call('startDeviceLogin', {body: {provider}});
			emit({type: 'deviceStarted', provider, login: body});
			return;
		}
		case 'askDeviceLogin': {
			const {code} = effect;
			const {body} = await client.call('deviceToken', {body: {device_code: code}});
			emit({type: 'deviceApproved', code, tokens: body});
			return;
		}
		case 'begin':
			session.begin(effect.tokens);
			emit({type: 'loggedIn'});
			return;
		case 'logOut':
			await client
				.call(effect.everywhere ? 'endSessions' : 'logout', {})
				.catch((error: unknown) => {
					// An ended session is what was wanted.
					if (!(error instanceof Failure) || error.kind !== 'signed_out') throw error;
				});
			session.end();
			emit({type: 'loggedOut'});
			return;
		case 'identify': {
			const {organisation, epoch} = effect;
			const asked = organisation === home ? surroundings.early : undefined;
			const [me, organisations] = await (asked ?? identify(client, organisation));
			emit({type: 'identified', me: me.body, organisations: organisations.body, epoch});
			await readVersion(client, emit);
			return;
		}
		case 'load':
			await read(effect, surroundings, emit);
			return;
		case 'readKey': {
			const {organisation: org_id, id: key_id, epoch} = effect;
			const [detail, hours, days] = await Promise.all([
				client.call('getKey', {org_id, key_id}),
				client.call('keyUsage', {org_id, key_id, query: {by: 'hour'}}),
				client.call('keyUsage', {org_id, key_id, query: {by: 'day'}}),
			]);
			const use = {detail: detail.body, hours: hours.body, days: days.body};
			emit({type: 'keyRead', id: key_id, use, epoch});
			return;
		}
		case 'createKey': {
			const {organisation: org_id, name, expires_at} = effect;
			const wanted = expires_at === undefined ? {name} : {name, expires_at};
			const {body} = await client.call('createKey', {org_id, body: wanted});
			emit({type: 'keyCreated', key: body});
			return;
		}
		case 'revokeKey': {
			const {organisation: org_id, key} = effect;
			const {headers} = await client.call('revokeKey', {org_id, key_id: key.id});
			// How many verifiers confirmed, where the server says so.
			const detail = headers['latchkey-revocation'];
			emit({type: 'keyRevoked', key, ...(typeof detail === 'string' ? {detail} : {})});
			return;
		}
		case 'revokeKeys':
			emit({type: 'keysRevoked', outcomes: await revokeAll(effect, client, emit)});
			return;
		case 'change': {
			const {change} = effect;
			// `changeOf` has checked the input against the route.
			const {body} = await client.call(change.route, change.input as Input<typeof change.route>);
			emit({type: 'changed', change, body: body as Readonly<Record<string, unknown>>});
			return;
		}
		case 'testWebhook': {
			const {organisation: org_id, endpoint, eventType} = effect;
			const asked = {org_id, webhook_id: endpoint.id, body: {event_type: eventType}};
			const {body} = await client.call('testWebhook', asked);
			emit({type: 'webhookTested', endpoint, result: body});
			return;
		}
		case 'countReplay': {
			const {organisation: org_id, endpoint, replay} = effect;
			const asked = {org_id, webhook_id: endpoint, body: {...replay, dry_run: true}};
			const {body} = await client.call('replayDeliveries', asked);
			emit({type: 'replayCounted', endpoint, replay, count: body.count});
			return;
		}
		case 'readDelivery': {
			const {organisation: org_id, id} = effect;
			const {body} = await client.call('getDelivery', {org_id, delivery_id: id});
			emit({type: 'deliveryRead', detail: body});
			return;
		}
		case 'download': {
			const {file, lines} = await download(effect, surroundings, (some) =>
				emit({type: 'downloading', lines: some, of: effect}),
			);
			emit({type: 'downloaded', file, lines, of: effect});
			return;
		}
		case 'copy':
			surroundings.copy(effect.text);
			return;
		case 'repaint':
			surroundings.repaint();
			return;
		case 'quit':
			surroundings.quit(effect.status);
	}
}

function identify(client: Client, organisation: string | undefined) {
	return Promise.all([client.call('me', {organisation}), client.call('listOrganisations', {})]);
}

/** How many calls are under way at a time. */
const atOnce = 5;

/**
 * Revokes one key after the other, a few at a time. What is refused for one key alone (it is gone)
 * goes on with the rest; when the session or the server is gone, the rest is not tried.
 */
async function revokeAll(
	{organisation: org_id, keys}: Extract<Effect, {do: 'revokeKeys'}>,
	client: Client,
	emit: Emit,
): Promise<RevokeOutcome[]> {
	const outcomes = keys.map((key): RevokeOutcome => ({key, outcome: 'not tried'}));
	const left = [...keys.entries()];
	let stopped = false;
	let done = 0;
	const work = async () => {
		for (let next = left.shift(); next !== undefined && !stopped; next = left.shift()) {
			const [index, key] = next;
			try {
				// oxlint-disable-next-line no-await-in-loop
				await client.call('revokeKey', {org_id, key_id: key.id});
				outcomes[index] = {key, outcome: 'revoked'};
			} catch (error) {
				const failure = asFailure(error);
				const {status = 500} = failure.details;
				outcomes[index] = {key, outcome: 'failed', detail: failure.message};
				stopped ||= failure.kind !== 'refused' || status >= 500 || status === 429;
			}
			emit({type: 'keysRevoking', done: ++done});
		}
	};
	await Promise.all(Array.from({length: Math.min(atOnce, keys.length)}, work));
	return outcomes;
}

async function read(
	{list, organisation, query, epoch, cursor, after}: Extract<Effect, {do: 'load'}>,
	{client, now}: Surroundings,
	emit: Emit,
): Promise<void> {
	const began = now();
	const from = {client, org_id: organisation ?? '', query};
	const send = (
		items: readonly unknown[],
		partial: boolean,
		page?: Extract<Event, {type: 'loaded'}>['page'],
	) =>
		emit({
			type: 'loaded',
			// Each reader gives the items of its own list.
			answer: {list, items} as LoadedAnswer,
			query,
			partial,
			took: now() - began,
			epoch,
			...(page === undefined ? {} : {page}),
		});
	if (isPaged(list)) {
		const {items, ...page} = await pagedReaders[list]({...from, cursor, after});
		send(items, false, page);
		return;
	}
	send(await readers[list](from, (some) => send(some, true)), false);
}

/** What the server calls its version. It is only shown: one that does not say so is no fault. */
async function readVersion(client: Client, emit: Emit): Promise<void> {
	const ready = await client.call('ready', {}).catch(() => undefined);
	if (ready !== undefined) emit({type: 'versionRead', version: ready.body.version});
}
