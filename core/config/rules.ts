import {isKeyOf} from './pem.ts';
import {settings, type SettingName, type Settings} from './settings.ts';

/**
 * What several settings must hold together.
 *
 * @param isGiven whether a setting has a value, be it a wrong one
 * @param values those that are not wrong
 * @returns what is at fault, said to the operator
 */
export type Rule = (
	isGiven: (name: SettingName) => boolean,
	values: Settings,
) => string | undefined;

/** For every program that connects to PostgreSQL. */
export const databaseRules: readonly Rule[] = [
	exactlyOne('databaseUrl', 'databaseHost'),
	onePassword('databaseUrl', 'databasePassword'),
	bothOrNeither('databaseSslCert', 'databaseSslKey'),
	keyFits('databaseSslCert', 'databaseSslKey'),
	...(['databaseSslCa', 'databaseSslCert', 'databaseSslServerName'] as const).map((name) =>
		needs(name, ({databaseSsl}) => databaseSsl !== 'disable', 'LATCHKEY_DATABASE_SSL=verify-full'),
	),
	checksCertificates('databaseSslCa', 'databaseSsl'),
];

/** For every program that connects to Redis. */
export const redisRules: readonly Rule[] = [
	exactlyOne('redisUrl', 'redisHost', 'redisSentinels', 'redisCluster'),
	onePassword('redisUrl', 'redisPassword'),
	bothOrNeither('redisSentinels', 'redisSentinelName'),
	...(['redisSentinelUsername', 'redisSentinelPassword'] as const).map((name) =>
		goesWith(name, 'redisSentinels'),
	),
	goesWith('redisSentinelUsername', 'redisSentinelPassword'),
	...(['redisSentinels', 'redisCluster'] as const).map(noPortBeside),
	bothOrNeither('redisTlsCert', 'redisTlsKey'),
	keyFits('redisTlsCert', 'redisTlsKey'),
	...(['redisTlsCa', 'redisTlsCert', 'redisTlsServerName'] as const).map((name) =>
		needs(name, usesRedisTls, 'LATCHKEY_REDIS_TLS=verify-full, or a rediss:// address'),
	),
	checksCertificates('redisTlsCa', 'redisTls'),
	(_isGiven, {redisUrl, redisTls}) =>
		redisUrl?.tls === true && redisTls === 'disable'
			? 'LATCHKEY_REDIS_TLS: disable, but LATCHKEY_REDIS_URL says rediss://; change one of the two'
			: undefined,
];

/** Whether Redis is reached by TLS. */
export function usesRedisTls({redisUrl, redisTls}: Settings): boolean {
	return (redisTls ?? (redisUrl?.tls === true ? 'verify-full' : 'disable')) !== 'disable';
}

export const migrationRoleRule: Rule = (isGiven) =>
	isGiven('databaseMigrationPassword') && !isGiven('databaseMigrationUser')
		? `${settings.databaseMigrationUser.variable}: missing; give it with ${settings.databaseMigrationPassword.variable}, or neither`
		: undefined;

export const bootstrapAdminRule = bothOrNeither('bootstrapAdminEmail', 'bootstrapAdminPassword');

function bothOrNeither(one: SettingName, other: SettingName): Rule {
	return (isGiven) => {
		if (isGiven(one) === isGiven(other)) return undefined;
		const {variable} = settings[isGiven(one) ? other : one];
		return `${variable}: missing; give both or neither`;
	};
}

/** A password beside a URL is for one without: of two that differ, one is not meant. */
function onePassword(url: 'databaseUrl' | 'redisUrl', password: PasswordName): Rule {
	return (_isGiven, values) => {
		const inUrl = values[url]?.password;
		const beside = values.given.has(password) ? values[password] : undefined;
		if (inUrl === undefined || beside === undefined || inUrl === beside) return undefined;
		return `${settings[password].variable}: another password than the one in ${settings[url].variable}; remove one of the two`;
	};
}

type PasswordName = 'databasePassword' | 'redisPassword';

function keyFits(
	certificate: 'databaseSslCert' | 'redisTlsCert',
	key: 'databaseSslKey' | 'redisTlsKey',
): Rule {
	return (_isGiven, values) => {
		const {[certificate]: cert, [key]: privateKey} = values;
		if (cert === undefined || privateKey === undefined || isKeyOf(privateKey, cert)) {
			return undefined;
		}
		return `${settings[key].variable}: is not the key of ${settings[certificate].variable}, whose first certificate must be the client's own`;
	};
}

/** What would be ignored is a mistake: whoever gives an authority believes that it is asked for. */
function needs(
	name: SettingName,
	isOn: (values: Settings) => boolean,
	remedy: `LATCHKEY_${string}`,
): Rule {
	return (_isGiven, values) =>
		values[name] === undefined || isOn(values)
			? undefined
			: `${settings[name].variable}: has no effect without TLS; set ${remedy}`;
}

/** The same of an authority beside a mode that checks no certificate. */
function checksCertificates(
	ca: 'databaseSslCa' | 'redisTlsCa',
	mode: 'databaseSsl' | 'redisTls',
): Rule {
	const [{variable}, {variable: modeVariable}] = [settings[ca], settings[mode]];
	return (_isGiven, values) =>
		values[ca] === undefined || values[mode] !== 'require'
			? undefined
			: `${variable}: has no effect with ${modeVariable}=require, which checks no certificate; set ${modeVariable}=verify-full`;
}

/** One setting is of use only beside another. */
function goesWith(name: SettingName, other: SettingName): Rule {
	return (isGiven) =>
		isGiven(name) && !isGiven(other)
			? `${settings[name].variable}: has no effect without ${settings[other].variable}; give both, or remove it`
			: undefined;
}

/** Their addresses have ports. */
function noPortBeside(name: 'redisSentinels' | 'redisCluster'): Rule {
	return (isGiven, {given}) =>
		isGiven(name) && given.has('redisPort')
			? `${settings.redisPort.variable}: has no effect with ${settings[name].variable}, whose addresses have ports; remove it`
			: undefined;
}

/** An address as one URL, in parts from its host on, or in another form: exactly one of them. */
function exactlyOne(url: SettingName, host: SettingName, ...forms: readonly SettingName[]): Rule {
	const name = (setting: SettingName) => settings[setting].variable;
	return (isGiven) => {
		const [first, second, third] = [url, host, ...forms].filter((each) => isGiven(each));
		if (first !== undefined && second === undefined) return undefined;
		if (first !== undefined && second !== undefined) {
			const remedy = third === undefined ? 'remove one of the two' : 'leave only one of them';
			return `${name(first)}: given together with ${name(second)}; ${remedy}`;
		}
		const others = forms.map((form) => `, or ${name(form)}`).join('');
		return `${name(url)}: missing; give it, or ${name(host)} with the other parts${others}`;
	};
}
