/** Who does something; an entry of the audit trail names them as they were then. */
export type Actor =
	| {type: 'user'; id: string; name: string; sessionId?: string | undefined}
	| {type: 'service_account' | 'api_key'; id: string; name: string}
	/** The appliance itself, or who works at its machine: `name` is the program or command. */
	| {type: 'system'; name: string}
	| {type: 'anonymous'};

/** Who and from where: passed down to whatever changes state, for the audit trail. */
export type By = {
	actor: Actor;
	/** Client address, where there was a request. */
	address?: string | undefined;
	requestId?: string | undefined;
};

/** The appliance itself does it, or a command at its machine. */
export function bySystem(name: string): By {
	return {actor: {type: 'system', name}};
}

/** The person who does it, for columns that refer to one. */
export function userIdOf({actor}: By): string | null {
	return actor.type === 'user' ? actor.id : null;
}
