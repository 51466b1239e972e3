import {writeFileSync} from 'node:fs';
import {setFlagsFromString} from 'node:v8';
import {runInNewContext} from 'node:vm';

/*
Loaded before a server that is measured (`node --import`): on SIGUSR2 it collects garbage and writes
`process.memoryUsage()` of what is left to the file that BENCH_HEAP_FILE names.
*/
process.on('SIGUSR2', () => {
	setFlagsFromString('--expose-gc');
	(runInNewContext('gc') as () => void)();
	writeFileSync(process.env['BENCH_HEAP_FILE'] ?? '', JSON.stringify(process.memoryUsage()));
});
