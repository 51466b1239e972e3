import type {ErrorCode} from '../../contract/errors.ts';
import {canonicalAddress, isWithin, localNetworks, parseAddress} from '../../contract/network.ts';
import {isSameSecret} from '../secrets/compare.ts';

/**
 * Whether metrics are for whoever asks: with the token where one is set, else from private networks.
 *
 * @param address of who asks; undefined: nobody knows
 * @returns why not
 */
export function refuseMetrics(
	token: string | undefined,
	{authorization, address}: {authorization: string; address: string | undefined},
): (ErrorCode & ('unauthorized' | 'metrics_private')) | undefined {
	if (token !== undefined) {
		return isSameSecret(authorization, `Bearer ${token}`) ? undefined : 'unauthorized';
	}
	// Those who watch from the same machine or network, as they do by default.
	const parsed = parseAddress(canonicalAddress(address ?? '') ?? '');
	return parsed !== undefined && isWithin(parsed, localNetworks) ? undefined : 'metrics_private';
}
