import type {TestResult} from '../../../../contract/webhooks.ts';

/** The request of a test as a command for a POSIX shell. */
export function curlOf(url: string, {request}: Pick<TestResult, 'request'>): string {
	const headers = Object.entries(request.headers).map(
		([name, value]) => `-H ${quoted(`${name}: ${value}`)}`,
	);
	return ['curl -sS', quoted(url), ...headers, `--data-binary ${quoted(request.body)}`].join(' ');
}

function quoted(text: string): string {
	return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
