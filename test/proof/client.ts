import {request} from 'node:http';
import {setTimeout as sleep} from 'node:timers/promises';
import type {KeyRole} from '../../contract/key-roles.ts';
import type {CreatedKey} from '../../contract/keys.ts';
import type {Organisation} from '../../contract/organisations.ts';
import type {Tokens} from '../../contract/people.ts';
import type {RotatedKey} from '../../contract/rotation.ts';
import {administrator} from '../helpers/appliance.ts';
import {call, type Answer, type CallOptions} from '../helpers/http.ts';
import {eventually} from '../helpers/program.ts';
import type {Member} from './fleet.ts';
import type {Fault, Operation} from './history.ts';

/** Longer than any fault lasts: what has no answer by then never gets one. */
const timeoutMs = 30_000;
/** For documentation: nobody has an address of it. */
const elsewhere = '192.0.2.0/24';
/** What each use of a key here needs, of one that is restricted to scopes. */
const scope = 'proof.use';
const otherScope = 'proof.other';
const roleName = 'user';
const usePath = `/api/v1/forward-auth?scopes=${scope}`;
/** Access tokens live 10 minutes. */
const renewTokenMs = 4 * 60_000;

type Sent = {answer: Answer | undefined; sentAt: number; answeredAt: number};

export type HeldKey = {id: string; key: string; organisation: string; isByRole: boolean};

/** Of an organisation: what lets the keys that go by it be used here. */
export type HeldRole = {id: string; organisation: string};

/** A key that goes on for a while beside the one that replaces it. */
export type Rotation = {old: HeldKey; successor: HeldKey};

/** What a header names is an error of its own when it cannot be read. */
export function parseUnconfirmed(header: unknown): Operation['unconfirmed'] {
	if (typeof header !== 'string') return [];
	return [...header.matchAll(/until="([^"]+)"/g)].map(([, until = '']) => ({
		// The header has the verifier's id, not the server's name: all are excused.
		server: '*',
		until: onClock(until),
	}));
}

/** The time of a text on the clock of the driver, which is on PostgreSQL's machine. */
function onClock(time: string): number {
	return Date.parse(time) - performance.timeOrigin;
}

function pathOf({id, organisation}: HeldKey): string {
	return `/api/v1/organizations/${organisation}/api-keys/${id}`;
}

/** Sends requests and writes down what came of them. Keys never enter the history. */
export class Client {
	readonly operations: Operation[] = [];
	readonly faults: Fault[] = [];
	/** Of each answered change of a key or plan: what its header and the clock say, in milliseconds. */
	readonly barriers: {header: number; whole: number}[] = [];
	/** Reads the names of the rows that writes with a key, or of a person, have made so far. */
	readonly #readRows: (writer: string) => Promise<string[]>;
	/** The rows that were there after the answer to a revocation, by whom it was of. */
	readonly #rowsAtAnswer = new Map<string, ReadonlySet<string>>();
	#rows = 0;
	#token = '';
	#tokenAt = -Infinity;

	constructor(readRows: (writer: string) => Promise<string[]> = async () => []) {
		this.#readRows = readRows;
	}

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

	/** @returns undefined where it cannot be told whether there is one now */
	async createRole(member: Member, organisation: string): Promise<HeldRole | undefined> {
		const sent = await this.#send(member, `/api/v1/organizations/${organisation}/key-roles`, {
			bearer: this.#token,
			body: {name: roleName, scopes: [scope]},
		});
		this.#write({kind: 'role', opens: 'roleScope', organisation, key: ''}, member, sent);
		if (sent.answer?.status !== 201) return undefined;
		return {id: (sent.answer.json() as KeyRole).id, organisation};
	}

	/** Takes from a role the scope that uses here need. */
	narrowRole(member: Member, role: HeldRole): Promise<Operation> {
		return this.#changeRole(member, role, {shuts: 'roleScope'}, [otherScope]);
	}

	/** Gives it back. */
	widenRole(member: Member, role: HeldRole): Promise<Operation> {
		return this.#changeRole(member, role, {opens: 'roleScope'}, [otherScope, scope]);
	}

	/** @param role by which the key is to go; undefined: it may be used for anything */
	async create(
		member: Member,
		organisation: string,
		role?: HeldRole,
	): Promise<HeldKey | undefined> {
		const terms = role && {scopes: [otherScope], roles: [roleName]};
		const sent = await this.#send(member, `/api/v1/organizations/${organisation}/api-keys`, {
			bearer: this.#token,
			body: {name: 'proof', ...terms},
		});
		const made = sent.answer?.status === 201 ? (sent.answer.json() as CreatedKey) : undefined;
		const isByRole = role !== undefined;
		this.#write({kind: 'create', organisation, key: made?.id ?? '', isByRole}, member, sent);
		return made && {id: made.id, key: made.key, organisation, isByRole};
	}

	/** Replaces a key by another that carries the same. @returns the new one, where there is an answer */
	async rotate(
		member: Member,
		key: HeldKey,
		graceSeconds: number,
	): Promise<{operation: Operation; successor: HeldKey | undefined}> {
		const {id, organisation, isByRole} = key;
		const sent = await this.#send(member, `${pathOf(key)}/rotate`, {
			bearer: this.#token,
			body: {grace_seconds: graceSeconds},
		});
		const made = sent.answer?.status === 201 ? (sent.answer.json() as RotatedKey) : undefined;
		const until = made?.previous.grace_until;
		const rotation = {
			kind: 'rotate',
			organisation,
			key: id,
			// Without an answer it is known only where there is none.
			graceUntil: graceSeconds === 0 ? null : until ? onClock(until) : undefined,
			...(made && {successor: made.id}),
		} as const;
		const operation = this.#write(rotation, member, sent);
		if (made === undefined) return {operation, successor: undefined};
		const {server, sentAt, answeredAt, status, unconfirmed} = operation;
		const seen = {server, sentAt, answeredAt, status, unconfirmed};
		this.operations.push({...seen, kind: 'create', organisation, key: made.id, isByRole});
		return {operation, successor: {id: made.id, key: made.key, organisation, isByRole}};
	}

	/** Ends the old key of a rotation. */
	finish(member: Member, rotation: Rotation): Promise<Operation> {
		return this.#endRotation(member, rotation, 'finish');
	}

	/** Ends the new key of a rotation: the old one is as before. */
	cancel(member: Member, rotation: Rotation): Promise<Operation> {
		return this.#endRotation(member, rotation, 'cancel');
	}

	async use(member: Member, {id, key, organisation}: HeldKey): Promise<Operation> {
		const sent = await this.#send(member, usePath, {bearer: key});
		return this.#write({kind: 'use', organisation, key: id}, member, sent);
	}

	revoke(member: Member, key: HeldKey): Promise<Operation> {
		return this.#change(member, key, {kind: 'revoke'}, '', {method: 'DELETE'});
	}

	suspend(member: Member, key: HeldKey): Promise<Operation> {
		return this.#change(member, key, {kind: 'suspend'}, '/suspend', {method: 'POST'});
	}

	resume(member: Member, key: HeldKey): Promise<Operation> {
		return this.#change(member, key, {kind: 'resume'}, '/resume', {method: 'POST'});
	}

	/** Has the key refused at the address of this program. */
	shutOut(member: Member, key: HeldKey): Promise<Operation> {
		return this.#patch(member, key, {shuts: 'address'}, {ip_allow: [elsewhere]});
	}

	/** Has the key accepted at any address again. */
	letIn(member: Member, key: HeldKey): Promise<Operation> {
		return this.#patch(member, key, {opens: 'address'}, {ip_allow: null});
	}

	/** Takes the scope from the key that its uses here need. */
	narrow(member: Member, key: HeldKey): Promise<Operation> {
		return this.#patch(member, key, {shuts: 'scope'}, {scopes: [otherScope]});
	}

	/** Gives it back. */
	widen(member: Member, key: HeldKey): Promise<Operation> {
		return this.#patch(member, key, {opens: 'scope'}, {scopes: [otherScope, scope]});
	}

	/** Takes its role from a key that goes by it. */
	takeRole(member: Member, key: HeldKey): Promise<Operation> {
		return this.#patch(member, key, {shuts: 'role'}, {roles: []});
	}

	/** Gives it back. */
	giveRole(member: Member, key: HeldKey): Promise<Operation> {
		return this.#patch(member, key, {opens: 'role'}, {roles: [roleName]});
	}

	/** @returns an access token; undefined where the server did not give one now */
	async logInAs(
		member: Member,
		person: {email: string; password: string},
	): Promise<string | undefined> {
		const {email, password} = person;
		const body = {email, password};
		const {answer} = await this.#send(member, '/api/v1/auth/login', {body});
		return answer?.status === 200 ? (answer.json() as Tokens).access_token : undefined;
	}

	/** Disables a person: revokes all they may do. */
	async disable(member: Member, id: string, organisation: string): Promise<Operation> {
		const sent = await this.#send(member, `/api/v1/users/${id}`, {
			method: 'PATCH',
			bearer: this.#token,
			body: {disabled: true},
		});
		return this.#write({kind: 'revoke', organisation, key: id}, member, sent);
	}

	/**
	 * Begins a request that makes a row, and holds its body back until it is let go.
	 *
	 * @param writer id of the key or person whose credential is sent
	 */
	hold(
		member: Member,
		path: string,
		writer: {id: string; bearer: string; organisation: string},
	): () => Promise<Operation> {
		const {id, bearer, organisation} = writer;
		const name = `${id} ${++this.#rows}`;
		const body = JSON.stringify(path.endsWith('/sources') ? {name, type: 'proof'} : {name});
		const {hostname, port} = new URL(member.url);
		const beganAt = performance.now();
		const outgoing = request({hostname, port, path, method: 'POST', agent: false});
		outgoing.setHeader('Authorization', `Bearer ${bearer}`);
		outgoing.setHeader('Content-Type', 'application/json');
		outgoing.setHeader('Content-Length', Buffer.byteLength(body));
		const answered = new Promise<number | undefined>((resolve) => {
			outgoing.setTimeout(timeoutMs, () => outgoing.destroy());
			outgoing.once('error', () => resolve(undefined));
			outgoing.once('close', () => resolve(undefined));
			outgoing.once('response', (incoming) => {
				incoming.on('error', () => {});
				incoming.resume();
				resolve(incoming.statusCode);
			});
		});
		outgoing.write(body.slice(0, 1));
		return async () => {
			const sentAt = performance.now();
			outgoing.end(body.slice(1));
			const status = await answered;
			const operation: Operation = {
				kind: 'write',
				organisation,
				key: id,
				server: member.name,
				beganAt,
				sentAt,
				answeredAt: performance.now(),
				status,
				unconfirmed: [],
				row: {name, isMade: false, isLate: false},
			};
			this.operations.push(operation);
			return operation;
		};
	}

	/** To be called once a revocation was answered: rows that are not there yet must not come. */
	async noteRows(writer: string): Promise<void> {
		if (this.#rowsAtAnswer.has(writer)) return;
		const rows = await this.#readRows(writer).catch(() => undefined);
		if (rows !== undefined && !this.#rowsAtAnswer.has(writer)) {
			this.#rowsAtAnswer.set(writer, new Set(rows));
		}
	}

	/** Looks which rows are there in the end. */
	async settleRows(): Promise<void> {
		const writes = this.operations.filter(({kind}) => kind === 'write');
		for (const [writer, each] of Map.groupBy(writes, ({key}) => key)) {
			const rows = new Set(await eventually(() => this.#readRows(writer)));
			const before = this.#rowsAtAnswer.get(writer);
			for (const {row} of each) {
				if (row === undefined || !rows.has(row.name)) continue;
				row.isMade = true;
				row.isLate = before?.has(row.name) === false;
			}
		}
	}

	#patch(
		member: Member,
		key: HeldKey,
		what: Pick<Operation, 'shuts' | 'opens'>,
		body: object,
	): Promise<Operation> {
		return this.#change(member, key, {kind: 'patch', ...what}, '', {method: 'PATCH', body});
	}

	#endRotation(
		member: Member,
		{old, successor}: Rotation,
		kind: 'finish' | 'cancel',
	): Promise<Operation> {
		const what = {kind, successor: successor.id};
		return this.#change(member, old, what, `/rotation/${kind}`, {method: 'POST'});
	}

	async #changeRole(
		member: Member,
		{id, organisation}: HeldRole,
		what: Pick<Operation, 'shuts' | 'opens'>,
		scopes: string[],
	): Promise<Operation> {
		const path = `/api/v1/organizations/${organisation}/key-roles/${id}`;
		const options = {method: 'PATCH', bearer: this.#token, body: {scopes}};
		const sent = await this.#send(member, path, options);
		return this.#write({kind: 'role', ...what, organisation, key: ''}, member, sent);
	}

	async #change(
		member: Member,
		key: HeldKey,
		what: Pick<Operation, 'kind' | 'shuts' | 'opens' | 'successor'>,
		path: string,
		options: CallOptions,
	): Promise<Operation> {
		const {id, organisation} = key;
		const bearer = this.#token;
		const sent = await this.#send(member, `${pathOf(key)}${path}`, {...options, bearer});
		return this.#write({...what, organisation, key: id}, member, sent);
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
		what: Omit<Operation, 'server' | 'sentAt' | 'answeredAt' | 'status' | 'unconfirmed'>,
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
