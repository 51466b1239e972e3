import type {Command} from './command.ts';

type Noun = () => Promise<{commands: readonly Command[]}>;

/**
 * Every scripting command by its first word, in the order help shows them. A command loads those
 * of its own noun alone.
 */
const nouns: Readonly<Record<string, Noun>> = {
	keys: () => import('./keys.ts'),
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
};

function people() {
	return import('./people.ts');
}

async function completion() {
	const {completionOf} = await import('./completion.ts');
	return {commands: [completionOf(everyCommand)]};
}

/** The commands of a noun; undefined where there is no such noun. */
export async function commandsOf(noun: string): Promise<readonly Command[] | undefined> {
	if (!Object.hasOwn(nouns, noun)) return undefined;
	const loaded = await nouns[noun]?.();
	return loaded?.commands.filter(({path}) => path[0] === noun);
}

export async function everyCommand(): Promise<readonly Command[]> {
	const all = await Promise.all(Object.keys(nouns).map(commandsOf));
	return all.flatMap((commands) => commands ?? []);
}
