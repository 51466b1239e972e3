import type {Command} from './command.ts';

type Read = () => Promise<{commands: readonly Command[]}>;

/**
 * Every scripting command by its first word, in the order help shows them. A command loads those
 * of its own noun alone; of keys, which are asked for most and carry most, itself alone.
 */
const commandsByWords: Readonly<Record<string, Read>> = {
	'keys list': one(async () => (await import('./list-keys.ts')).listKeys),
	'keys show': one(async () => (await import('./show-key.ts')).showKey),
	'keys create': one(async () => (await import('./create-key.ts')).createKey),
	'keys update': one(async () => (await import('./update-key.ts')).updateKey),
	'keys suspend': one(async () => (await import('./suspend-key.ts')).suspendKey),
	'keys resume': one(async () => (await import('./suspend-key.ts')).resumeKey),
	'keys rotate': one(async () => (await import('./rotate-key.ts')).rotateKey),
	'keys finish': one(async () => (await import('./rotate-key.ts')).finishRotation),
	'keys cancel': one(async () => (await import('./rotate-key.ts')).cancelRotation),
	'keys explain': one(async () => (await import('./explain-key.ts')).explainKey),
	'keys verify': one(async () => (await import('./verify-key.ts')).verifyKey),
	'keys clients': one(async () => (await import('./key-clients.ts')).keyClients),
	'keys hygiene': one(async () => (await import('./key-hygiene.ts')).keyHygiene),
	'keys limits': one(async () => (await import('./key-quota.ts')).keyLimits),
	'keys quota': one(async () => (await import('./key-quota.ts')).keyQuota),
	'keys revoke': one(async () => (await import('./revoke-keys.ts')).revokeKeys),
	// At the end: whoever answers with numbers finds the others where they were.
	'keys find': one(async () => (await import('./find-key.ts')).findKey),
	roles: () => import('./roles.ts'),
	policy: () => import('./policy.ts'),
	usage: () => import('./usage.ts'),
	limits: () => import('./limits.ts'),
	tail: () => import('./tail.ts'),
	orgs: () => import('./organisations.ts'),
	sources: () => import('./sources.ts'),
	members: () => import('./members.ts'),
	invitations: () => import('./invitations.ts'),
	'service-accounts': () => import('./service-accounts.ts'),
	webhooks: () => import('./webhooks.ts'),
	audit: () => import('./audit.ts'),
	users: () => import('./users.ts'),
	sessions: () => import('./sessions.ts'),
	password: () => import('./password.ts'),
	login: people,
	logout: people,
	whoami: people,
	use: people,
	profiles: () => import('./profiles.ts'),
	status: () => import('./status.ts'),
	completion,
	names: () => import('./names.ts'),
};

function people() {
	return import('./people.ts');
}

async function completion() {
	const {completionOf} = await import('./completion.ts');
	return {commands: [completionOf(everyCommand)]};
}

function one(read: () => Promise<Command>): Read {
	return async () => ({commands: [await read()]});
}

/** The commands of a noun, and where a verb of it is by itself, that one; none where there is no such noun. */
export async function commandsOf(noun: string, verb?: string): Promise<readonly Command[]> {
	const words = `${noun} ${verb}`;
	const isAlone = Object.hasOwn(commandsByWords, words);
	const found = Object.entries(commandsByWords).filter(([given]) =>
		isAlone ? given === words : given === noun || given.startsWith(`${noun} `),
	);
	const loaded = await Promise.all(found.map(async ([, read]) => (await read()).commands));
	return loaded.flat().filter(({path}) => path[0] === noun);
}

export async function everyCommand(): Promise<readonly Command[]> {
	const nouns = new Set(Object.keys(commandsByWords).map((words) => words.split(' ')[0] ?? ''));
	const all = await Promise.all([...nouns].map((noun) => commandsOf(noun)));
	return all.flat();
}
