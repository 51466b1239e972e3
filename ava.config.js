export default {
	files: ['test/**/*.test.{ts,tsx}'],
	typescript: {
		rewritePaths: {'test/': 'dist/test/'},
		extensions: ['ts', 'tsx'],
		compile: false,
	},
	timeout: '3m',
	concurrency: 2,
	workerThreads: false,
};
