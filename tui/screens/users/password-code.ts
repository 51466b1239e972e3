/** What to do with a one-time code that sets a password. */
export function passwordCodeAdvice(url: string): string {
	return `Hand it over: it is good for a day. It sets a password (15 characters or more) by POST ${url}/api/v1/auth/password-reset {"code","password"}.`;
}
