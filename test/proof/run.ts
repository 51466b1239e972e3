import {spawn} from 'node:child_process';
import {once} from 'node:events';
import path from 'node:path';
import {parseArgs} from 'node:util';

/*
`npm run proof -- --minutes 10 --seed 1 --servers 3`: the history test for as long as one likes, on services of its own as in `npm test`. `--measures` measures instead, `--webhooks` kills everything while webhooks are sent, `--limits` holds a million uses against a reference.
*/

const {values} = parseArgs({
	options: {
		minutes: {type: 'string', default: '10'},
		seed: {type: 'string'},
		servers: {type: 'string', default: '3'},
		measures: {type: 'boolean', default: false},
		webhooks: {type: 'boolean', default: false},
		limits: {type: 'boolean', default: false},
	},
});
const name =
	(['measures', 'webhooks', 'limits'] as const).find((each) => values[each]) ?? 'history';
const file = `test/proof/${name}.test.ts`;
const tests = spawn(process.execPath, [path.join(import.meta.dirname, '..', 'run.js'), file], {
	env: {
		...process.env,
		PROOF_MINUTES: values.minutes,
		PROOF_SERVERS: values.servers,
		...(values.seed === undefined ? {} : {PROOF_SEED: values.seed}),
		...(values.measures && {PROOF_MEASURES: '1'}),
		...(values.limits && {PROOF_USES: '1000000'}),
	},
	stdio: 'inherit',
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => tests.kill(signal));
const [code] = await once(tests, 'exit');
process.exitCode = typeof code === 'number' ? code : 1;
