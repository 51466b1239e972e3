import type {Scenario} from '../scenario.ts';
import {audit} from './audit.ts';
import {backup} from './backup.ts';
import {balanced} from './balanced.ts';
import {barrier} from './barrier.ts';
import {byKeys} from './by-keys.ts';
import {byProcesses} from './by-processes.ts';
import {coldStart, coldStartLaden, coldStartLimited} from './cold-start.ts';
import {consoleOnTerminal} from './console.ts';
import {halfLoad} from './half-load.ts';
import {keyLists} from './key-lists.ts';
import {lastUsed} from './last-used.ts';
import {limitsRedisBusy} from './limits-redis-busy.ts';
import {limitsRedisMemory} from './limits-redis-memory.ts';
import {million} from './million.ts';
import {millionUsed} from './million-used.ts';
import {parallelLogins} from './parallel-logins.ts';
import {postgresStall} from './postgres-stall.ts';
import {refusedLogins} from './refused-logins.ts';
import {startUpStorm} from './start-up-storm.ts';
import {throughput} from './throughput.ts';
import {unknownFlood} from './unknown-flood.ts';
import {usage} from './usage.ts';
import {webhooks} from './webhooks.ts';
import {writes} from './writes.ts';

/** In the order in which they run; `throughput` is the one whose targets can be chosen. */
export const scenarios: readonly Scenario[] = [
	throughput,
	halfLoad,
	balanced,
	byKeys,
	byProcesses,
	barrier,
	coldStart,
	coldStartLaden,
	coldStartLimited,
	startUpStorm,
	lastUsed,
	writes,
	refusedLogins,
	parallelLogins,
	limitsRedisBusy,
	limitsRedisMemory,
	postgresStall,
	unknownFlood,
	webhooks,
	consoleOnTerminal,
	keyLists,
	usage,
	million,
	millionUsed,
	audit,
	backup,
];
