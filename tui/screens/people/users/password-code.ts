import {useCodeKey} from '../../log-in/use-code/key.ts';

/** What to do with a one-time code that sets a password. */
export function passwordCodeAdvice(url: string): string {
	return `Hand it over: it is valid for one day. It sets a password of 15 characters or more: in the console at the log-in with ${useCodeKey}, or by latchkey password reset --url ${url}.`;
}
