import type {Knex} from 'knex';
import type {HealthFinding} from '../../contract/diagnosis.ts';
import type {Dependency} from '../../contract/health.ts';
import type {BundleFacts} from './facts/bundle.ts';
import type {Facts} from './facts/facts.ts';
import type {DoctorSettings} from './settings.ts';
import type {Thresholds} from './thresholds.ts';
import type {RedisClient} from '../redis/connect.ts';
import type {RedisNames} from '../redis/names.ts';

/** Groups of checks, in the order in which they are shown. */
export const checkGroups = {
	configuration: 'Configuration',
	secrets: 'Secrets',
	machine: 'Machine',
	clocks: 'Clocks',
	versions: 'Versions',
	postgresql: 'PostgreSQL',
	schema: 'Schema',
	redis: 'Redis',
	programs: 'Servers and workers',
	webhooks: 'Webhooks',
	audit: 'Audit trail',
	backups: 'Backups',
	network: 'Network',
	bundle: 'Bundle',
	certificates: 'Certificates',
} as const;

export type CheckGroup = keyof typeof checkGroups;

/** What is looked at, and from where. */
export type Patient = {
	/** `server`: by a server that runs, for the console; `machine`: by the command. */
	place: 'machine' | 'server';
	/** Whether those may be asked that are not of the appliance, such as identity providers. */
	isOnline: boolean;
	/** What the programs would refuse to start with. */
	configurationFaults: readonly string[];
	settings: DoctorSettings;
	thresholds: Thresholds;
	/** Which terms of keys this version understands. */
	termsVersion: number;
	/** Undefined where no PostgreSQL is configured. */
	db: Knex | undefined;
	/** Undefined where no Redis is configured. */
	redis: RedisClient | undefined;
	names: RedisNames;
	/** Whether they do what they are there for. */
	dependencies: {postgresql: () => Promise<Dependency>; redis: () => Promise<Dependency>};
	/** Undefined where nobody told what Docker knows. */
	bundle?: BundleFacts | undefined;
	/** Each read once. */
	facts: Facts;
};

/** What a check needs to be of any use: without it nothing is known, and another check says why. */
export type Need = 'postgresql' | 'schema' | 'redis';

/** What a check has seen; what follows and what to do are the check's own words, unless said otherwise. */
export type Seen = {level: HealthFinding['level']; what: string} & Partial<
	Pick<HealthFinding, 'follows' | 'remedy'>
>;

/** A patient with what a check needs. */
export type Examined = Patient & {db: Knex; redis: RedisClient};

export type HealthCheck = {
	/** `group.name`; it stays. */
	id: `${CheckGroup}.${string}`;
	/** What is looked at, and from where on it is told of, as a sentence without its end. */
	title: string;
	needs?: readonly Need[];
	/** Only the command at the machine can see it. */
	onlyAtMachine?: true;
	/** Only where it was told what Docker knows of the bundle. */
	onlyOfBundle?: true;
	/** Only a server can see it of itself. */
	onlyInServer?: true;
	/** It asks others than the appliance: only where that is wanted. */
	onlyOnline?: true;
	follows: string;
	remedy: string;
	/** @returns nothing where all is well */
	look: (patient: Examined) => Promise<readonly Seen[]> | readonly Seen[];
};

/** The group that a check belongs to. */
export function groupOf({id}: Pick<HealthCheck, 'id'>): CheckGroup {
	return id.split('.')[0] as CheckGroup;
}
