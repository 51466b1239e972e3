import {version} from '../../version.ts';
import type {HealthCheck, Seen} from '../check.ts';

const leastNode = 26;
const [leastPostgresql, newestPostgresql] = [15, 18];
const leastRedis = [6, 2];
const leastValkey = [7, 2];

export const versionsChecks: readonly HealthCheck[] = [
	{
		id: 'versions.node',
		title: `Node is ${leastNode} or newer`,
		follows: 'Programs may not start, or fail in ways that nobody has tested.',
		remedy: `Use the image, or the Node ${leastNode} that \`npm ci\` brings along.`,
		look() {
			const found = process.versions.node;
			if (Number.parseInt(found, 10) >= leastNode) return [];
			return [{level: 'failure', what: `This is Node ${found}.`}];
		},
	},
	{
		id: 'versions.postgresql',
		title: `PostgreSQL is ${leastPostgresql} to ${newestPostgresql}`,
		needs: ['postgresql'],
		follows: 'Migrations are refused below; above, nobody has tried it.',
		remedy: 'Use a version that is supported: docs/database.md, docs/upgrades.md.',
		async look({facts}) {
			const {versionNumber, version: found} = await facts.postgresql();
			const major = Math.floor(versionNumber / 10_000);
			if (major < leastPostgresql) return [{level: 'failure', what: `PostgreSQL is ${found}.`}];
			return major > newestPostgresql ? [{level: 'warning', what: `PostgreSQL is ${found}.`}] : [];
		},
	},
	{
		id: 'versions.redis',
		title: 'Redis is 6.2 or newer, or Valkey 7.2 or newer',
		needs: ['redis'],
		follows: 'Commands that are needed are not there: limits, use and queues fail.',
		remedy: 'Use a newer one; what is in there need not be taken along.',
		async look({facts}) {
			return (await facts.redisNodes()).flatMap(({address, info}): Seen[] => {
				const valkey = info.get('valkey_version');
				const found = valkey ?? info.get('redis_version') ?? '0';
				const least = valkey === undefined ? leastRedis : leastValkey;
				if (!isOlder(found, least)) return [];
				const name = valkey === undefined ? 'Redis' : 'Valkey';
				return [{level: 'failure', what: `${name} at ${address} is ${found}.`}];
			});
		},
	},
	{
		id: 'versions.programs',
		title: 'Everything that runs is of one version',
		needs: ['schema'],
		follows: 'Everything works; what only the newer version knows cannot be used yet.',
		remedy: 'Finish the upgrade, or go back: docs/upgrades.md.',
		async look({facts, place}) {
			const running = (await facts.workers()).filter(({state}) => state === 'running');
			const others = [...new Set(running.map((worker) => worker.version))].filter(
				(each) => each !== version,
			);
			if (others.length === 0) return [];
			const own = place === 'server' ? 'this server' : 'this command';
			return [
				{level: 'warning', what: `Workers run version ${others.join(', ')}, ${own} is ${version}.`},
			];
		},
	},
];

function isOlder(found: string, least: readonly number[]): boolean {
	const parts = found.split('.').map(Number);
	for (const [index, wanted] of least.entries()) {
		const part = parts[index] ?? 0;
		if (part !== wanted) return part < wanted;
	}
	return false;
}
