import path from 'node:path';
import test from 'ava';
import {loadServerConfig} from '../../core/config/config.ts';
import {forgetServiceLinks} from '../../core/config/service-links.ts';
import {freePort, startProgram} from '../helpers/program.ts';

/** What Kubernetes 1.33 puts into every container of a namespace, for a service of this name. */
function kubernetes(service: string, address: string, port: number): Record<string, string> {
	const bare = address.includes(':') ? `[${address}]` : address;
	const url = `tcp://${bare}:${port}`;
	return {
		[`${service}_SERVICE_HOST`]: address,
		[`${service}_SERVICE_PORT`]: String(port),
		[`${service}_SERVICE_PORT_HTTP_API`]: String(port),
		[`${service}_PORT`]: url,
		[`${service}_PORT_${port}_TCP`]: url,
		[`${service}_PORT_${port}_TCP_PROTO`]: 'tcp',
		[`${service}_PORT_${port}_TCP_PORT`]: String(port),
		[`${service}_PORT_${port}_TCP_ADDR`]: address,
	};
}

const left = (environment: Record<string, string | undefined>) => {
	forgetServiceLinks(environment);
	return environment;
};

test('what Kubernetes says of services that are called like us is passed over', (t) => {
	t.deepEqual(
		left({
			...kubernetes('LATCHKEY', '10.96.0.7', 8080),
			...kubernetes('LATCHKEY_SERVER', 'fd00::7', 443),
			...kubernetes('LATCHKEY_REDIS', '10.96.0.8', 6379),
			...kubernetes('LATCHKEY_DATABASE', '10.96.0.9', 5432),
			...kubernetes('LATCHKEY_WORKER', '10.96.0.9', 9464),
			LATCHKEY_REDIS_HOST: 'latchkey-redis',
			LATCHKEY_DATABASE_NAME: 'keys',
		}),
		{LATCHKEY_REDIS_HOST: 'latchkey-redis', LATCHKEY_DATABASE_NAME: 'keys'},
	);
});

test('so is what docker run --link says of a container', (t) => {
	const url = 'tcp://172.17.0.2:5432';
	t.deepEqual(
		left({
			LATCHKEY_DATABASE_NAME: '/web/latchkey-database',
			LATCHKEY_DATABASE_PORT: url,
			LATCHKEY_DATABASE_PORT_5432_TCP: url,
			LATCHKEY_DATABASE_PORT_5432_TCP_START: url,
			LATCHKEY_DATABASE_PORT_5432_TCP_PORT_END: '5433',
			LATCHKEY_DATABASE_PORT_5432_TCP_ADDR: '172.17.0.2',
			LATCHKEY_DATABASE_ENV_POSTGRES_PASSWORD: 'x',
			LATCHKEY_DATABASE_USER: 'latchkey',
		}),
		{LATCHKEY_DATABASE_USER: 'latchkey'},
	);
});

test('nothing else is: a misspelt setting stays, to be refused', (t) => {
	const kept = {
		LATCHKEY_PORT: '8080',
		LATCHKEY_WORKER_PORT: '9464',
		LATCHKEY_SERVICE_HOST: 'keys.example',
		LATCHKEY_SERVICE_PORT: 'tcp',
		LATCHKEY_PORT_8080_TCP: '8080',
		LATCHKEY_ENV_FOO: 'x',
		LATCHKEY_DATABASE_NAME: '/web/latchkey',
		LATCHKEYS_SERVICE_HOST: '10.0.0.1',
		LATCHKEY_LOGLEVEL: 'debug',
		KUBERNETES_SERVICE_HOST: '10.0.0.1',
		PATH: '/bin',
	};
	t.deepEqual(left({...kept}), kept);
	t.throws(() => loadServerConfig({LATCHKEY_SERVICE_HOST: 'keys.example'}), {
		message: /LATCHKEY_SERVICE_HOST: no such setting/,
	});
});

test('the program starts with them, its health check asks the right port, the console too', async (t) => {
	const env = kubernetes('LATCHKEY', '10.96.0.7', 8080);
	const server = startProgram(['server'], {
		...env,
		LATCHKEY_SECRETS_DIR: path.join('/nonexistent', String(await freePort())),
	});
	t.is(await server.exited, 78);
	t.regex(server.output(), /LATCHKEY_ENCRYPTION_KEY: missing/);
	t.notRegex(server.output(), /LATCHKEY_PORT|SERVICE/);

	const check = startProgram(['healthcheck', 'server'], env);
	t.is(await check.exited, 1);
	t.regex(check.output(), /livez: (ECONNREFUSED|no answer)|livez answers/);

	const console = startProgram(['status'], {...env, HOME: '/nonexistent'});
	await console.exited;
	t.notRegex(console.output(), /tcp:/);
});
