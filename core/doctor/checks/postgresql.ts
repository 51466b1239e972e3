import {postgresqlFinding} from '../../../contract/dependency-findings.ts';
import {applicationRights} from '../../db/grants.ts';
import type {HealthCheck, Seen} from '../check.ts';
import {readOwnerFaults, readWrongRights} from '../facts/postgresql.ts';
import {refusalSeen} from '../refusals.ts';
import {sharedBackend} from '../sessions.ts';
import {counted, enumerated} from '../words.ts';

/** Connections of a process beside its pool: one hears of changes, one more comes and goes. */
const connectionsBeside = 2;

/** What a role or database can be given that our sessions set themselves, unless a pooler is in between. */
const decisive = ['search_path', 'default_transaction_isolation', 'session_replication_role'];
const told = [...decisive, 'DateStyle', 'TimeZone', 'client_encoding', 'IntervalStyle'];

export const postgresqlChecks: readonly HealthCheck[] = [
	{
		id: 'postgresql.answers',
		title: 'PostgreSQL answers, lets the role in, and takes writes',
		follows:
			'Keys that a server knows are accepted while its lease lasts (5 s), then checks answer 503. Nothing can be changed.',
		remedy: 'Start PostgreSQL, or see its log and disk.',
		async look({db, settings, dependencies}) {
			if (settings.database === undefined) {
				return [
					{
						level: 'failure',
						what: 'It is not known where PostgreSQL is.',
						remedy: 'Give LATCHKEY_DATABASE_URL, or LATCHKEY_DATABASE_HOST with the other parts.',
					},
				];
			}
			const state = await dependencies.postgresql();
			if (state.state !== 'down' || state.reason === 'too_old') {
				const finding = postgresqlFinding(state);
				return finding === undefined ? [] : [finding];
			}
			return refusalSeen(db, settings.database);
		},
	},
	{
		id: 'postgresql.role',
		title: 'Server and worker use a role that is not a superuser and does not own the schema',
		needs: ['postgresql'],
		follows: 'Anyone who takes over a server can change the schema, and what was audited.',
		remedy: 'Give them a role of their own: docs/database.md.',
		async look({facts}) {
			const {role, owner, isSuperuser, mayCreateRoles, mayCreateDatabases} =
				await facts.postgresql();
			if (isSuperuser || mayCreateRoles || mayCreateDatabases) {
				const power = isSuperuser ? 'is a superuser' : 'may make roles or databases';
				return [
					{
						level: 'failure',
						what: `The role ${role} ${power}.`,
						remedy: `As a superuser: alter role ${role} nosuperuser nocreaterole nocreatedb;`,
					},
				];
			}
			return owner === role
				? [{level: 'warning', what: `The role ${role} owns the schema that it works with.`}]
				: [];
		},
	},
	{
		id: 'postgresql.grants',
		title: 'The role of server and worker may do exactly what it needs',
		needs: ['schema'],
		follows: 'What lacks a right fails when it is used; a right too many is one that a thief has.',
		remedy:
			'Run `latchkey migrate` again (`docker compose up migrate`): it grants what is needed and takes the rest.',
		async look({db, facts}) {
			const {role, owner, isSuperuser} = await facts.postgresql();
			if (owner === role || isSuperuser) return [];
			const wrong = await readWrongRights(db, applicationRights.tables, applicationRights.callable);
			const tell = (isMissing: boolean) =>
				enumerated(
					wrong
						.filter((each) => each.isMissing === isMissing)
						.map(({name, privilege}) => `${privilege} on ${name}`),
				);
			const [missing, beyond] = [tell(true), tell(false)];
			const seen: Seen[] = [];
			if (missing)
				seen.push({level: 'failure', what: `The role ${role} lacks rights: ${missing}.`});
			if (beyond) {
				seen.push({
					level: 'failure',
					what: `The role ${role} may do more than it needs: ${beyond}.`,
				});
			}
			return seen;
		},
	},
	{
		id: 'postgresql.owner',
		title: 'The role that owns the schema can migrate it',
		needs: ['schema'],
		follows: 'The next upgrade stops at its migrations.',
		remedy: 'Grant what it lacks as a superuser: docs/database.md.',
		async look({db, facts}) {
			const {owner} = await facts.postgresql();
			const faults = await readOwnerFaults(db);
			if (faults.length === 0) return [];
			return [
				{level: 'warning', what: `The role ${owner} owns the schema, but ${faults.join('; ')}.`},
			];
		},
	},
	{
		id: 'postgresql.session',
		title: 'Role and database were given no search_path, isolation, DateStyle or time zone',
		needs: ['postgresql'],
		follows:
			'Every session of Latchkey sets its own, so its answers are right; those of psql, pg_dump and of any pooler that you put in between are not.',
		remedy: 'Take it back: alter role … reset …; alter database … reset …;',
		async look({facts, settings}) {
			const {given, role, settings: now, currentSchema} = await facts.postgresql();
			const isPooled = settings.database?.isPooled === true;
			const names = new Map(
				given.map((each) => [each.slice(0, each.indexOf('=')).toLowerCase(), each]),
			);
			const found = told.flatMap((name) => names.get(name.toLowerCase()) ?? []);
			const isDecisive =
				isPooled &&
				(currentSchema !== 'public' ||
					now['default_transaction_isolation'] !== 'read committed' ||
					now['session_replication_role'] !== 'origin');
			if (isDecisive) {
				return [
					{
						level: 'failure',
						what: `Behind the pooler search_path is ${now['search_path']}, isolation ${now['default_transaction_isolation']}.`,
						follows:
							'Behind a pooler no session can be set by Latchkey: its programs refuse to start.',
					},
				];
			}
			if (found.length === 0) return [];
			return [
				{
					level: 'warning',
					what: `The role ${role} or its database was given: ${found.join('; ')}.`,
				},
			];
		},
	},
	{
		id: 'postgresql.pooler',
		title: 'A pooler in transaction mode is known as one, and is not what the direct URL leads to',
		needs: ['postgresql'],
		onlyAtMachine: true,
		follows:
			'Sessions are mixed up: settings, locks and prepared statements of one reach another, and changes of keys are not heard.',
		remedy:
			'Give LATCHKEY_DATABASE_DIRECT_URL, which leads to PostgreSQL itself: docs/database.md. Or set the pooler to session mode.',
		async look({settings: {database, directDatabase}}) {
			if (database === undefined || directDatabase === undefined) return [];
			const direct = await sharedBackend(directDatabase);
			if (direct === undefined) return [];
			const where = database.isPooled
				? 'LATCHKEY_DATABASE_DIRECT_URL'
				: 'The address of PostgreSQL';
			return [
				{
					level: 'failure',
					what: `${where} leads to a pooler in transaction mode: two sessions were served by one backend (${direct}).`,
				},
			];
		},
	},
	{
		id: 'postgresql.connections',
		title: 'PostgreSQL has connections for all pools of all processes, and a fifth of them free',
		needs: ['schema'],
		follows: 'Under load some processes get no connection: their calls answer 503.',
		remedy:
			'Raise max_connections (or the limit of the role or database), lower LATCHKEY_DATABASE_POOL_MAX, or put a pooler in between.',
		async look({facts, settings, thresholds}) {
			const [postgresql, verifiers, workers] = await Promise.all([
				facts.postgresql(),
				facts.verifiers(),
				facts.workers(),
			]);
			const {settings: now, usedConnections: used} = postgresql;
			const number = (name: string) => Number(now[name] ?? 0);
			const most =
				number('max_connections') -
				number('superuser_reserved_connections') -
				number('reserved_connections');
			const limits = [most, postgresql.roleConnections, postgresql.databaseConnections].filter(
				(limit) => limit >= 0,
			);
			const room = Math.min(...limits);
			if (used >= most * thresholds.usedFailure) {
				return [{level: 'failure', what: `${used} of ${most} connections are in use.`}];
			}
			const poolMax = settings.database?.poolMax ?? 10;
			const servers = Math.max(
				settings.processes,
				verifiers.filter(({holds_lease: holds}) => holds).length,
			);
			const running = Math.max(1, workers.filter(({state}) => state === 'running').length);
			const ofServer = poolMax + Math.max(2, Math.ceil(poolMax / 2)) + connectionsBeside;
			const needed = servers * ofServer + running * (poolMax + connectionsBeside);
			if (settings.database?.isPooled !== true && needed > room) {
				return [
					{
						level: 'warning',
						what: `${counted(servers, 'server process', 'server processes')} and ${counted(running, 'worker')} may open ${needed} connections, and PostgreSQL has ${room} for them.`,
					},
				];
			}
			if (used < most * thresholds.usedWarning) return [];
			return [{level: 'warning', what: `${used} of ${most} connections are in use.`}];
		},
	},
	{
		id: 'postgresql.encryption',
		title: 'PostgreSQL on another machine is reached by TLS',
		follows: 'Passwords and data can be read on the way, and answers be forged.',
		remedy: 'Set LATCHKEY_DATABASE_SSL=verify-full: docs/database.md.',
		look({settings: {database}}) {
			if (database === undefined || database.ssl !== false || isNear(database.host)) return [];
			return [{level: 'warning', what: `PostgreSQL at ${database.host} is reached without TLS.`}];
		},
	},
];

/** A socket, this machine, or a name of a network that a container or cluster has to itself. */
export function isNear(host: string): boolean {
	return (
		host.startsWith('/') ||
		/^(localhost|127\.|::1$|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|f[cd][\da-f]{2}:)/i.test(
			host,
		) ||
		(!host.includes('.') && !host.includes(':')) ||
		/\.(local|internal|svc|svc\.cluster\.local)$/i.test(host)
	);
}
