import type {Client} from '../../client/client.ts';
import {providerNames} from '../../people/device-login.ts';
import {Failure} from '../../failure.ts';
import {identify} from './identify.ts';
import type {EffectContext, Emit, Performers} from './performer.ts';

/* Coming in, and going. */

export const session: Performers<
	| 'probe'
	| 'setUp'
	| 'logIn'
	| 'acceptInvitation'
	| 'resetPassword'
	| 'startDeviceLogin'
	| 'askDeviceLogin'
	| 'begin'
	| 'logOut'
	| 'identify'
> = {
	async probe(_effect, context, emit) {
		const {client, session, home} = context;
		// With a session this is asked for at once: a round trip less before the first rows.
		const early = session.exists() ? identify(client, home) : undefined;
		early?.catch(() => {});
		const [{body}, providers] = await Promise.all([
			client.call('setupState', {}),
			providerNames(client),
		]);
		const tokenFound = context.findSetupToken() !== undefined;
		context.early = early;
		emit({
			type: 'probed',
			setupRequired: body.required,
			session: session.exists(),
			tokenFound,
			providers,
		});
		// Whatever follows from this answer has begun; somebody else may log in later.
		context.early = undefined;
	},
	async setUp({token, email, password}, context, emit) {
		const setupToken = token ?? context.findSetupToken() ?? '';
		await context.client.call('setup', {setupToken, body: {email, password}});
		await logIn({email, password}, context, emit);
	},
	logIn,
	async acceptInvitation({code, password}, {client, session}, emit) {
		session.begin((await client.call('acceptInvitation', {body: {code, password}})).body);
		emit({type: 'loggedIn'});
	},
	async resetPassword({code, password}, {client}, emit) {
		await client.call('resetPassword', {body: {code, password}});
		emit({type: 'passwordSet'});
	},
	async startDeviceLogin({provider}, {client}, emit) {
		const {body} = await client.call('startDeviceLogin', {body: {provider}});
		emit({type: 'deviceStarted', provider, login: body});
	},
	async askDeviceLogin({code}, {client}, emit) {
		const {body} = await client.call('deviceToken', {body: {device_code: code}});
		emit({type: 'deviceApproved', code, tokens: body});
	},
	begin({tokens}, {session}, emit) {
		session.begin(tokens);
		emit({type: 'loggedIn'});
	},
	async logOut({everywhere}, {client, session}, emit) {
		await client
			.call(everywhere === true ? 'endSessions' : 'logout', {})
			.catch((error: unknown) => {
				// An ended session is what was wanted.
				if (!(error instanceof Failure) || error.kind !== 'signed_out') throw error;
			});
		session.end();
		emit({type: 'loggedOut'});
	},
	async identify({organisation, epoch}, {client, home, early}, emit) {
		const asked = organisation === home ? early : undefined;
		const [me, organisations] = await (asked ?? identify(client, organisation));
		emit({type: 'identified', me: me.body, organisations: organisations.body, epoch});
		await readVersion(client, emit);
	},
};

async function logIn(
	{email, password}: {email: string; password: string},
	{client, session}: EffectContext,
	emit: Emit,
): Promise<void> {
	session.begin((await client.call('login', {body: {email, password}})).body);
	emit({type: 'loggedIn'});
}

/** What the server calls its version. It is only shown: one that does not say so is not a fault. */
async function readVersion(client: Client, emit: Emit): Promise<void> {
	const ready = await client.call('ready', {}).catch(() => undefined);
	if (ready !== undefined) emit({type: 'versionRead', version: ready.body.version});
}
