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
	concurrency: 2,
	workerThreads: false,
};
