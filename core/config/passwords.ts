import {loadSetting, type Environment} from './load.ts';
import type {Settings} from './settings.ts';

/** Where passwords of PostgreSQL and Redis are given. */
const sources = [
	'databaseUrl',
	'databaseDirectUrl',
	'databasePassword',
	'redisUrl',
	'redisPassword',
	'redisSentinelPassword',
] as const;

/**
 * The same configuration with a password that is read again where it was given, each time it is
 * asked for: its file may get another one while programs run. What cannot be read then is as it was.
 *
 * @param choose makes the configuration from settings
 */
export function rereading<C extends {password: string | undefined}>(
	settings: Settings,
	environment: Environment,
	choose: (settings: Settings) => C,
): C & {readPassword?: () => string} {
	const config = choose(settings);
	if (config.password === undefined) return config;
	let last = config.password;
	return {
		...config,
		readPassword() {
			try {
				const now = Object.fromEntries(
					sources.map((name) => [name, loadSetting(name, environment)]),
				);
				last = choose({...settings, ...now}).password ?? last;
			} catch {
				// Half written, or away for a moment.
			}
			return last;
		},
	};
}
