import type {Client, Input} from '../client.ts';
import {asFailure, Failure} from '../failure.ts';
import type {Session} from '../session/session.ts';
import type {Effect, Event, LoadedAnswer} from './model.ts';
import {readers} from './readers.ts';

export type Surroundings = {
	client: Client;
	session: Session;
	/** Asked for beside the probe that is being answered now. */
	early?: ReturnType<typeof identify> | undefined;
	findSetupToken: () => string | undefined;
	copy: (text: string) => void;
	repaint: () => void;
	quit: (status: number) => void;
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
	const {client, session} = surroundings;
	switch (effect.do) {
		case 'probe': {
			// Who has a session is asked for at once: a round trip less before the first rows.
			const early = session.exists() ? identify(client, undefined) : undefined;
			early?.catch(() => {});
			const [{body}, providers] = await Promise.all([
				client.call('setupState', {}),
				readProviders(client),
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
			await client.call('logout', {}).catch((error: unknown) => {
				// An ended session is what was wanted.
				if (!(error instanceof Failure) || error.kind !== 'signed_out') throw error;
			});
			session.end();
			emit({type: 'loggedOut'});
			return;
		case 'identify': {
			const {organisation, epoch} = effect;
			const asked = organisation === undefined ? surroundings.early : undefined;
			const [me, organisations] = await (asked ?? identify(client, organisation));
			emit({type: 'identified', me: me.body, organisations: organisations.body, epoch});
			return;
		}
		case 'load':
			await read(effect, surroundings, emit);
			return;
		case 'createKey': {
			const {organisation: org_id, name} = effect;
			const {body} = await client.call('createKey', {org_id, body: {name}});
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
		case 'change': {
			const {change} = effect;
			// `changeOf` has checked the input against the route.
			const {body} = await client.call(change.route, change.input as Input<typeof change.route>);
			emit({type: 'changed', change, body: body as Readonly<Record<string, unknown>>});
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

async function read(
	{list, organisation, query, epoch}: Extract<Effect, {do: 'load'}>,
	{client, now}: Surroundings,
	emit: Emit,
): Promise<void> {
	const began = now();
	const send = (items: readonly unknown[], partial: boolean) =>
		emit({
			type: 'loaded',
			// Each reader gives the items of its own list.
			answer: {list, items} as LoadedAnswer,
			query,
			partial,
			took: now() - began,
			epoch,
		});
	const items = await readers[list]({client, org_id: organisation ?? '', query}, (some) =>
		send(some, true),
	);
	send(items, false);
}
/** Names of the identity providers; a server that has no such route has none. */
async function readProviders(client: Client): Promise<string[]> {
	try {
		const {body} = await client.call('identityProviders', {});
		return body.map(({name}) => name);
	} catch (error) {
		if (error instanceof Failure && error.details.status === 404) return [];
		throw error;
	}
}
