import {setTimeout as sleep} from 'node:timers/promises';
import type {CreatedKey} from '../../contract/keys.ts';
import type {Organisation} from '../../contract/organisations.ts';
import type {Tokens} from '../../contract/people.ts';
import {administrator} from '../helpers/appliance.ts';
import {call, type Answer, type CallOptions} from '../helpers/http.ts';
import {eventually} from '../helpers/program.ts';
import type {Member} from './fleet.ts';
import type {Fault, Operation} from './history.ts';

/** Longer than any fault lasts: what has no answer by then never gets one. */
const timeoutMs = 30_000;
/** Access tokens live 10 minutes. */
const renewTokenMs = 4 * 60_000;

type Sent = {answer: Answer | undefined; sentAt: number; answeredAt: number};

export type HeldKey = {id: string; key: string; organisation: string};

/** What a header names is an error of its own when it cannot be read. */
export function parseUnconfirmed(header: unknown): Operation['unconfirmed'] {
	if (typeof header !== 'string') return [];
	return [...header.matchAll(/until="([^"]+)"/g)].map(([, until = '']) => ({
		// The header has the verifier's id, not the server's name: all are excused.
		server: '*',
		until: Date.parse(until) - performance.timeOrigin,
	}));
}

/** Sends requests and writes down what came of them. Keys never enter the history. */
export class Client {
	readonly operations: Operation[] = [];
	readonly faults: Fault[] = [];
	/** Of each answered revocation and plan change: what its header and the clock say, in milliseconds. */
	readonly barriers: {header: number; whole: number}[] = [];
	#token = '';
	#tokenAt = -Infinity;

	/** Logs in again when the token gets old; any server will do. */
	async logIn(members: readonly Member[]): Promise<void> {
		if (performance.now() - this.#tokenAt < renewTokenMs) return;
		this.#tokenAt = performance.now();
		let turn = 0;
		await eventually(
			async () => {
				const url = members[turn++ % members.length]?.url ?? '';
				const answer = await call(url, '/api/v1/auth/login', {body: administrator, timeoutMs});
				if (answer.status !== 200) return false;
				this.#token = (answer.json() as Tokens).access_token;
				return true;
			},
			{withinMs: 60_000, what: 'a login'},
		);
	}

	/** @returns undefined where it cannot be told whether there is one now */
	async createOrganisation(member: Member): Promise<string | undefined> {
		const sent = await this.#send(member, '/api/v1/organizations', {
			bearer: this.#token,
			body: {name: 'proof', plan: 'team'},
		});
		if (sent.answer?.status !== 201) return undefined;
		const {id} = sent.answer.json() as Organisation;
		this.#write({kind: 'plan', plan: 'team', organisation: id, key: ''}, member, sent);
		return id;
	}

	async changePlan(member: Member, organisation: string, plan: 'team' | 'free') {
		const sent = await this.#send(member, `/api/v1/organizations/${organisation}`, {
			method: 'PATCH',
			bearer: this.#token,
			body: {plan},
		});
		return this.#write({kind: 'plan', plan, organisation, key: ''}, member, sent);
	}

	async create(member: Member, organisation: string): Promise<HeldKey | undefined> {
		const sent = await this.#send(member, `/api/v1/organizations/${organisation}/api-keys`, {
			bearer: this.#token,
			body: {name: 'proof'},
		});
		const made = sent.answer?.status === 201 ? (sent.answer.json() as CreatedKey) : undefined;
		this.#write({kind: 'create', organisation, key: made?.id ?? ''}, member, sent);
		return made && {id: made.id, key: made.key, organisation};
	}

	async use(member: Member, {id, key, organisation}: HeldKey): Promise<Operation> {
		const sent = await this.#send(member, '/api/v1/keys/self', {bearer: key});
		return this.#write({kind: 'use', organisation, key: id}, member, sent);
	}

	async revoke(member: Member, {id, organisation}: HeldKey): Promise<Operation> {
		const sent = await this.#send(member, `/api/v1/organizations/${organisation}/api-keys/${id}`, {
			method: 'DELETE',
			bearer: this.#token,
		});
		return this.#write({kind: 'revoke', organisation, key: id}, member, sent);
	}

	async #send(member: Member, path: string, options: CallOptions): Promise<Sent> {
		const sentAt = performance.now();
		const answer = await call(member.url, path, {...options, timeoutMs}).catch(() => undefined);
		const answeredAt = performance.now();
		// A server that is down refuses at once: the others get their share.
		if (answer === undefined) await sleep(100);
		return {answer, sentAt, answeredAt};
	}

	#write(
		what: Pick<Operation, 'kind' | 'organisation' | 'key' | 'plan'>,
		member: Member,
		{answer, sentAt, answeredAt}: Sent,
	): Operation {
		const header = answer?.headers['latchkey-revocation'];
		const operation: Operation = {
			...what,
			server: member.name,
			sentAt,
			answeredAt,
			status: answer?.status,
			unconfirmed: parseUnconfirmed(header),
		};
		this.operations.push(operation);
		const ms = /ms=(\d+)/.exec(String(header))?.[1];
		if (ms !== undefined) this.barriers.push({header: Number(ms), whole: answeredAt - sentAt});
		return operation;
	}
}
