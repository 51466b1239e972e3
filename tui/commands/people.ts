import {setTimeout as sleep} from 'node:timers/promises';
import type {Tokens} from '../../contract/people.ts';
import type {Client} from '../client/client.ts';
import {addressOf, askAgain} from '../people/device-login.ts';
import {asFailure, exitCodes, Failure} from '../failure.ts';
import {rememberOrganisation} from '../settings/remember.ts';
import {clean} from '../text/clean.ts';
import {type Command, type Context, organisationOption} from './command.ts';
import {onlyArgument, textFlag} from './flags.ts';
import {findOrganisation, wantedOrganisation} from './organisation.ts';
import {beginSession, logInOptions, refuseGiven} from './session.ts';
import {ask, readAll, type Terminal} from '../terminal/terminal.ts';

const logIn: Command = {
	path: ['login'],
	summary: 'Log in and keep the session in a file only you can read',
	logsIn: true,
	options: {
		email: {type: 'string', value: 'EMAIL', help: 'email to log in with'},
		'password-stdin': {type: 'boolean', unasked: true, help: 'read the password from stdin'},
		provider: {type: 'string', value: 'NAME', help: 'approve it in a browser at this provider'},
		...logInOptions,
	},
	async run(context) {
		const {client, settings, terminal, flags} = context;
		refuseGiven(settings);
		const fromStdin = flags['password-stdin'] === true;
		const provider = textFlag(flags, 'provider');
		const given = textFlag(flags, 'email');
		if (provider !== undefined && (given !== undefined || fromStdin)) {
			throw new Failure('usage', '--provider goes without --email and --password-stdin');
		}
		const pair =
			provider === undefined
				? await byPassword(client, terminal, given, fromStdin)
				: await byProvider(client, terminal, provider);
		return beginSession(context, pair);
	},
};

async function byPassword(
	client: Client,
	terminal: Terminal,
	given: string | undefined,
	fromStdin: boolean,
): Promise<Tokens> {
	if (given === undefined && fromStdin) {
		throw new Failure('usage', '--password-stdin needs --email');
	}
	const email = given ?? (await ask(terminal, 'Email: ', {otherwise: 'Give --email.'}));
	const password = fromStdin
		? await readAll(terminal.stdin)
		: await ask(terminal, 'Password: ', {secret: true, otherwise: 'Give --password-stdin.'});
	return (await client.call('login', {body: {email: email.trim(), password}})).body;
}

/** Shows where to approve the login, also with `--quiet`, and waits until that is done. */
async function byProvider(client: Client, {stderr}: Terminal, provider: string): Promise<Tokens> {
	const {body: login} = await client.call('startDeviceLogin', {body: {provider}});
	const deadline = performance.now() + login.expires_in * 1000;
	const [address, code] = [addressOf(login), login.user_code].map(clean);
	stderr.write(`Open ${address}\nand approve the login with the code ${code}\n`);
	let interval = login.interval * 1000;
	let wait = interval;
	for (;;) {
		await sleep(wait);
		try {
			const body = {device_code: login.device_code};
			return (await client.call('deviceToken', {body})).body;
		} catch (error) {
			const next = askAgain(asFailure(error), interval);
			if (next === undefined || performance.now() > deadline) throw error;
			({interval, wait} = next);
		}
	}
}

const logOut: Command = {
	path: ['logout'],
	summary: 'End the session; its tokens stop working immediately',
	options: {},
	async run({client, session, settings, flags, output}) {
		if (settings.given !== undefined)
			throw new Failure('usage', `${settings.given} is set: nothing to log out of`);
		const had = session.exists();
		let ended = had;
		if (had) {
			await client.call('logout', {}).catch((error: unknown) => {
				// Gone already, or the server is: the file goes in any case.
				if (!(error instanceof Failure) || error.kind === 'usage') throw error;
				ended = error.kind === 'signed_out';
			});
		}
		session.end();
		if (flags['json'] === true) output.json({logged_out: had});
		else if (!had) output.say('There was no session.');
		else if (ended) output.say('Logged out.');
		else
			output.say(
				'Forgot the session; the server did not confirm, so its tokens end by themselves.',
			);
		return exitCodes.done;
	},
};

const whoAmI: Command = {
	path: ['whoami'],
	summary: 'Show who is logged in, and in which organisation',
	options: {...organisationOption},
	async run(context) {
		const {client, settings, flags, output} = context;
		const organisation = await wantedOrganisation(context);
		const answer = await client.call('me', {organisation}).catch((error: unknown) => {
			if (asFailure(error).details.code === 'user_required') return undefined;
			throw error;
		});
		if (answer === undefined) return whichMachine(context);
		const {body: me} = answer;
		if (flags['json'] === true) output.json(me);
		else if (flags['quiet'] === true) output.lines([me.id]);
		else {
			const where =
				me.organization === null
					? 'in no organisation'
					: `in ${clean(me.organization.name)} (${clean(me.organization.plan)} plan)`;
			const as = me.operator ? 'operator' : clean(me.role ?? 'no role');
			output.lines([`${clean(me.email)}, ${as}, ${where}, at ${settings.url.origin}`]);
		}
		return exitCodes.done;
	},
};

/** A service account is no user: it is where its one organisation is. */
async function whichMachine({client, settings, environment, flags, output}: Context) {
	const {body: organisations} = await client.call('listOrganisations', {});
	const [organization = null] = organisations;
	// A token tells of itself to the server alone.
	const client_id =
		settings.given === 'LATCHKEY_CLIENT_ID'
			? (environment['LATCHKEY_CLIENT_ID'] ?? '').trim()
			: null;
	if (flags['json'] === true) output.json({type: 'service_account', client_id, organization});
	else if (flags['quiet'] === true) output.lines(client_id === null ? [] : [client_id]);
	else {
		const where =
			organization === null
				? 'in no organisation'
				: `in ${clean(organization.name)} (${clean(organization.plan)} plan)`;
		const who = client_id === null ? '' : ` ${clean(client_id)}`;
		output.lines([`service account${who}, ${where}, at ${settings.url.origin}`]);
	}
	return exitCodes.done;
}

const use: Command = {
	path: ['use'],
	arguments: '[ID|NAME]',
	summary: 'Choose the organisation that commands act in on this server',
	options: {clear: {type: 'boolean', help: 'act in your first organisation again'}},
	async run(context) {
		const {client, settings, environment, flags, output} = context;
		refuseGiven(settings);
		if (flags['clear'] === true) {
			if (context.positionals.length > 0) {
				throw new Failure('usage', 'Either an organisation or --clear');
			}
			rememberOrganisation(settings, undefined, environment);
			output.say('Commands act in your first organisation.');
			return exitCodes.done;
		}
		const org_id = await findOrganisation(client, onlyArgument(context, 'organisation'));
		const {body: organisation} = await client.call('getOrganisation', {org_id});
		rememberOrganisation(settings, organisation.id, environment);
		if (flags['json'] === true) output.json(organisation);
		else output.say(`Commands act in ${clean(organisation.name)} at ${settings.url.origin}.`);
		return exitCodes.done;
	},
};

export const commands: readonly Command[] = [logIn, logOut, whoAmI, use];
