import {isWithin, localNetworks, parseAddress} from '../../contract/network.ts';
import {Failure} from '../failure.ts';

/** The address of a server. @throws {Failure} usage, where it is not one, or would send secrets in clear. */
export function checkUrl(text: string, insecure: boolean): URL {
	if (!URL.canParse(text)) throw new Failure('usage', `Not a URL: ${text}`);
	const url = new URL(text);
	if (url.protocol !== 'http:' && url.protocol !== 'https:') {
		throw new Failure('usage', `The server address must start with http:// or https://: ${text}`);
	}
	if (url.username !== '' || url.password !== '') {
		throw new Failure('usage', 'The server address must not hold a user name or password');
	}
	if (url.protocol === 'http:' && !insecure && !isPrivate(url.hostname)) {
		throw new Failure(
			'usage',
			`${url.host} is not on a private network: http would send secrets in clear`,
			{
				hint: 'Use https, or --insecure if you know the way there is safe.',
			},
		);
	}
	return url;
}

/** Hosts that plain http may be spoken to: this machine, private networks, names without a dot. */
export function isPrivate(hostname: string): boolean {
	const host = hostname.replace(/^\[|\]$/g, '').toLowerCase();
	const address = parseAddress(host);
	if (address !== undefined) return isWithin(address, localNetworks);
	return !host.includes('.') || /\.(?:localhost|local|internal|home\.arpa)$/.test(host);
}
