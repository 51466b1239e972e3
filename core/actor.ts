import type {Knex} from 'knex';
import type {ActingRole} from '../contract/permissions.ts';

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
	/** What they are in the organisation acted in; undefined: the appliance itself, or none was asked for. */
	role?: ActingRole | undefined;
	/** Client address, where there was a request. */
	address?: string | undefined;
	requestId?: string | undefined;
	/** Whether the actor may still do it, by the rows as a transaction finds and holds them; see `confirmRights`. */
	stillMay?: ((transaction: Knex.Transaction) => Promise<boolean>) | undefined;
};

/** The appliance itself does it, or a command at its machine. */
export function bySystem(name: string): By {
	return {actor: {type: 'system', name}};
}

/** What the machine that does it is called, for columns that tell of one. */
export function accountNameOf({actor}: By): string | null {
	return actor.type === 'service_account' ? actor.name : null;
}

/** Its id, which stays when the machine is gone. */
export function accountIdOf({actor}: By): string | null {
	return actor.type === 'service_account' ? actor.id : null;
}

/** The person who does it, for columns that refer to one. */
export function userIdOf({actor}: By): string | null {
	return actor.type === 'user' ? actor.id : null;
}
