import type {Rereading, TlsConfig} from './connections.ts';
import {loadSetting, type Environment} from './load.ts';
import {isKeyOf} from './pem.ts';
import type {Settings} from './settings.ts';

/** Where passwords and certificates of PostgreSQL and Redis are given. */
const sources = [
	'databaseUrl',
	'databaseDirectUrl',
	'databasePassword',
	'databaseSslCa',
	'databaseSslCert',
	'databaseSslKey',
	'redisUrl',
	'redisPassword',
	'redisSentinelPassword',
	'redisTlsCa',
	'redisTlsCert',
	'redisTlsKey',
] as const;

type Connection = {password: string | undefined};

/**
 * The same configuration with a password and certificates that are read again where they were given,
 * each time they are asked for: their files may change while programs run. What cannot be read then
 * is as it was.
 *
 * @param choose makes the configuration from settings
 * @param tlsOf its part for TLS
 */
export function rereading<C extends Connection>(
	settings: Settings,
	environment: Environment,
	choose: (settings: Settings) => C,
	tlsOf: (config: C) => TlsConfig | false = () => false,
): C & Rereading {
	const config = choose(settings);
	const tls = tlsOf(config);
	let lastPassword = config.password;
	let lastTls = tls;

	function readAgain(): C | undefined {
		try {
			const now = sources.map((name) => [name, loadSetting(name, environment)] as const);
			return choose({...settings, ...Object.fromEntries(now)});
		} catch {
			// Half written, or away for a moment.
			return undefined;
		}
	}

	return {
		...config,
		...(lastPassword !== undefined && {
			readPassword: () => (lastPassword = readAgain()?.password ?? lastPassword ?? ''),
		}),
		...(tls !== false && {
			readTls() {
				const now = readAgain();
				const read = now === undefined ? false : tlsOf(now);
				if (read !== false && isWhole(read)) lastTls = read;
				return lastTls === false ? tls : lastTls;
			},
		}),
	};
}

/** Of two files the other one may not be the new one yet. */
function isWhole({cert, key}: TlsConfig): boolean {
	if (cert === undefined || key === undefined) return cert === key;
	return isKeyOf(key, cert);
}
