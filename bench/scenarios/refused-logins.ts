import type {Knex} from 'knex';
import {hashPassword} from '../../core/people/passwords/password.ts';
import {insertUser} from '../../core/people/store.ts';
import {createCaller} from '../caller.ts';
import {layOut, rounded, spread, type Spread} from '../figures.ts';
import type {Scenario} from '../scenario.ts';
import {connectBench} from '../statements.ts';

const goalShare = 0.05;
const password = 'mountains remember rain';

/** Why a login is refused; `state` is what the account is before each try. */
const cases = [
	{name: 'wrong password', password: 'rivers forget the mountains', state: {}},
	{name: 'unknown user', password, state: undefined},
	{name: 'locked, wrong password', password: 'rivers forget the mountains', state: {locked: true}},
	{name: 'locked, right password', password, state: {locked: true}},
	{name: 'disabled, right password', password, state: {disabled: true}},
] as const;

/**
 * An attacker's view of a refused login: neither the answer nor the time it takes tells whether
 * there is such a user, or what is wrong with the account (S-53).
 */
export const refusedLogins: Scenario = {
	name: 'refused-logins',
	title: 'refused logins: whether time tells why',
	keys: () => 1,
	async run(bench) {
		const {services, options} = bench;
		const server = await bench.startServer({
			cores: 'all',
			env: {LATCHKEY_TRUSTED_PROXIES: 'loopback'},
		});
		const db = connectBench(services.database);
		const caller = createCaller(bench.signal);
		const times = cases.map((): number[] => []);
		const answers = new Set<string>();
		try {
			await insertUsers(db);
			// One round more than counted: the first connects and compiles.
			for (let round = -1; round < options.sizes.logins; round++) {
				for (const [i, {password: given, state}] of shuffled([...cases.entries()])) {
					if (state !== undefined) await prepare(db, i, state);
					const answer = await caller.send(server, '/api/v1/auth/login', {
						bearer: '',
						body: {email: emailOf(i), password: given},
						headers: {'X-Forwarded-For': addressOf(round * cases.length + i)},
					});
					answers.add(`${answer.status} ${answer.text}`);
					if (round >= 0) times[i]?.push(answer.ms);
				}
			}
		} finally {
			caller.close();
			await db.destroy();
		}
		const rows = cases.map(({name}, i) => ({name, ...spread(times[i] ?? [])}));
		return {
			result: {cases: rows, goalShare},
			table: table(rows),
			faults: answers.size === 1 ? [] : [`refused logins: answered ${[...answers].join(', ')}`],
		};
	},
};

const emailOf = (i: number) => `refused-${i}@example.com`;
/** The limit by address is not what is measured. */
const addressOf = (n: number) => `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`;

async function insertUsers(db: Knex): Promise<void> {
	for (const [i, {state}] of cases.entries()) {
		if (state === undefined) continue;
		const passwordHash = await hashPassword(password);
		await insertUser(db, {email: emailOf(i), passwordHash, isOperator: false, origin: 'operator'});
	}
}

async function prepare(
	db: Knex,
	i: number,
	state: {locked?: boolean; disabled?: boolean},
): Promise<void> {
	await db('users')
		.where({email: emailOf(i)})
		.update({
			failed_logins: state.locked ? 9 : 0,
			login_blocked_until: state.locked ? db.raw("now() + interval '15 minutes'") : null,
			disabled_at: state.disabled ? db.raw('now()') : null,
		});
}

function shuffled<T>(items: T[]): T[] {
	return items
		.map((item) => ({item, at: Math.random()}))
		.sort((a, b) => a.at - b.at)
		.map(({item}) => item);
}

function table(rows: readonly (Spread & {name: string})[]): string {
	const mean = rows.reduce((total, {p50Ms}) => total + p50Ms, 0) / rows.length;
	return layOut(
		['refused login', 'tries', 'p50 ms', 'from the mean', 'p99 ms'],
		rows.map(({name, count, p50Ms, p99Ms}) => [
			name,
			String(count),
			p50Ms.toFixed(1),
			`${rounded((p50Ms / mean - 1) * 100, 1)} %`,
			p99Ms.toFixed(1),
		]),
	);
}
