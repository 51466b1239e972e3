/** Those that take longest begin first: none of them is left alone at the end. */
const longest = [
	'bench/quick',
	'verification/older-servers',
	'http/matrix',
	'secrets/rotation',
	'proof/webhooks',
	'worker/worker',
	'audit/killed',
	'webhooks/fairness',
	'proof/builds',
	'faults/postgres-stall',
	'proof/history',
	'proxies/haproxy',
	'redis/cluster',
	'redis/sentinel',
	'redis/clients',
	'faults/limits',
	'http/limits',
	'faults/usage-sums',
	'faults/system',
	'tui/terminal',
	'tui/audit-journey',
	'faults/failover',
	'faults/processes',
	'faults/redis',
	'audit/command',
	'faults/postgres',
].map((name) => `/test/${name}.test.ts`);

function place(file) {
	const found = longest.findIndex((end) => file.endsWith(end));
	return found === -1 ? longest.length : found;
}

export default {
	files: [
		'test/**/*.test.{ts,tsx}',
		// Measurements take minutes: npm run proof -- --measures.
		...(process.env.PROOF_MEASURES === undefined ? ['!test/proof/measures.test.ts'] : []),
	],
	typescript: {
		rewritePaths: {'test/': 'dist/test/'},
		extensions: ['ts', 'tsx'],
		compile: false,
	},
	// Without a result of any test: only one that hangs comes to it, however busy the machine.
	timeout: '5m',
	// For two cores. Three files at once leave a quarter of them idle: many wait for a lease to end, or a retry.
	concurrency: 4,
	sortTestFiles: (one, other) => place(one) - place(other) || (one < other ? -1 : 1),
	workerThreads: false,
};
