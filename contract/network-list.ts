import * as z from 'zod';
import {described} from './described.ts';
import {canonicalAddress, parseNetwork, writeNetwork} from './network.ts';

/** Addresses and lists of networks as a request gives them; what is kept has one spelling. */

const mostNetworks = 100;

/** What all spellings of addresses are of, for JSON Schemas. */
const addressForm = '^[0-9a-fA-F.:]{2,45}';

/** Networks that restrict a key; null: no restriction. Each fault says how to write it. */
export function networkList(field: string) {
	const entry = z
		.string({error: ({path}) => `${field}[${String(path?.at(-1))}] ${faultOf('')}`})
		.register(described, {
			description: 'A network such as `10.0.0.0/8`, or an address',
			pattern: `${addressForm}(/\\d{1,3})?$`,
		});
	return z
		.array(entry, {error: `${field} must be a list of networks, or null`})
		.min(1, {error: `${field} must not be empty: use null for no restriction`})
		.max(mostNetworks, {error: `${field} must have at most ${mostNetworks} networks`})
		.transform((entries, context) =>
			entries.map((text, index) => {
				const network = parseNetwork(text);
				if (!('fault' in network)) return writeNetwork(network);
				context.addIssue({
					code: 'custom',
					message: `${field}[${index}] ${network.says}`,
					path: [index],
				});
				return z.NEVER;
			}),
		)
		.nullable();
}

function faultOf(text: string): string {
	const network = parseNetwork(text);
	return 'fault' in network ? network.says : '';
}

/** An address; an IPv4 address inside IPv6 is that IPv4 address. */
export function address(field: string) {
	const error = `${field} must be an address such as 203.0.113.7 or 2001:db8::1`;
	const written = z.string({error}).register(described, {
		description: 'An IPv4 or IPv6 address',
		pattern: `${addressForm}$`,
	});
	return written.transform((text, context) => {
		const canonical = canonicalAddress(text);
		if (canonical !== undefined) return canonical;
		context.addIssue({code: 'custom', message: error});
		return z.NEVER;
	});
}
