import {settings, type SettingName} from './settings.ts';

/**
 * What several settings must hold together.
 *
 * @param isGiven whether a setting has a value, be it a wrong one
 * @returns what is at fault, said to the operator
 */
export type Rule = (isGiven: (name: SettingName) => boolean) => string | undefined;

export const databaseRule: Rule = eitherOr('databaseUrl', 'databaseHost');
export const redisRule: Rule = eitherOr('redisUrl', 'redisHost');

export const migrationRoleRule: Rule = (isGiven) =>
	isGiven('databaseMigrationPassword') && !isGiven('databaseMigrationUser')
		? `${settings.databaseMigrationUser.variable}: missing; give it with ${settings.databaseMigrationPassword.variable}, or neither`
		: undefined;

export const bootstrapAdminRule: Rule = (isGiven) => {
	const hasEmail = isGiven('bootstrapAdminEmail');
	if (hasEmail === isGiven('bootstrapAdminPassword')) return undefined;
	const {variable} = hasEmail ? settings.bootstrapAdminPassword : settings.bootstrapAdminEmail;
	return `${variable}: missing; give both or neither`;
};

/** An address as one URL or in parts: exactly one of the two. */
function eitherOr(url: SettingName, host: SettingName): Rule {
	const [urlName, hostName] = [settings[url].variable, settings[host].variable];
	return (isGiven) => {
		if (isGiven(url) !== isGiven(host)) return undefined;
		return isGiven(url)
			? `${urlName}: given together with ${hostName}; remove one of the two`
			: `${urlName}: missing; give it, or ${hostName} with the other parts`;
	};
}
