import {isWithin, networksOf, parseAddress} from '../../contract/network.ts';
import {withoutDot} from './name-files.ts';

/** All of IPv6 that was ever handed out to the public internet (RFC 4291, 2.4; IANA). */
const publicIPv6 = networksOf('2000::/3');

/** What is not of the public internet all the same (IANA special-purpose registries). */
const special = networksOf(
	'10.0.0.0/8',
	'100.64.0.0/10',
	'127.0.0.0/8',
	'172.16.0.0/12',
	'192.0.0.0/24',
	'192.0.2.0/24',
	'192.88.99.0/24',
	'192.168.0.0/16',
	'198.18.0.0/15',
	'198.51.100.0/24',
	'203.0.113.0/24',
	'2001::/23',
	'2001:db8::/32',
	'2002::/16',
	'3fff::/20',
);

/** Names that are nobody's on the public internet (RFC 6761, 6762, 7686, 8375; ICANN's `internal`). */
const localNames = /(^|\.)(localhost|local|internal|home\.arpa|test|invalid|onion)$/;

/** Whether an address is one of the public internet. Multicast and the like are not looked at. */
export function isPublicAddress(text: string): boolean {
	const address = parseAddress(text);
	if (address === undefined || isWithin(address, special)) return false;
	return address.family === 4 || isWithin(address, publicIPv6);
}

/**
 * Whether a name may be one of the public internet: one of several labels, under no local domain. One
 * with an empty label, such as `localhost..`, is not a name, but another program may read it as one.
 */
export function isPublicName(name: string): boolean {
	const bare = withoutDot(name.toLowerCase());
	const labels = bare.split('.');
	return labels.length > 1 && !labels.includes('') && !localNames.test(bare);
}
