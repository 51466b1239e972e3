import {
	mostProposedNetworks,
	neededDays,
	proposedLifeDays,
	type KeyFinding,
	type KeyToMend,
	type ProposedChange,
} from '../../contract/key-hygiene.ts';
import type {KeyPolicy} from '../../contract/key-policies.ts';
import {networkOf, parseAddress, writeNetwork} from '../../contract/network.ts';
import {toTimestamp, wholeSecondOf} from '../../contract/text.ts';
import {clientDays} from '../../contract/usage.ts';
import {dayMs} from '../key-policies/enforced.ts';
import {asAccepted} from '../keys/present.ts';
import {neededAlone, unneededScopes, withoutUnneeded} from './needed.ts';
import type {HygieneRow} from './read.ts';

/* What is said of a key of which something was found, and the one action that mends it. */

type Said = Omit<KeyToMend['findings'][number], 'finding'>;
type Known = {policy: KeyPolicy; now: number};

const [revoke, suspend, rotate] = (['revoke', 'suspend', 'rotate'] as const).map((name) => ({
	name,
	body: null,
})) as [Said['action'], Said['action'], Said['action']];

const says: Record<KeyFinding, (row: HygieneRow, known: Known) => Said> = {
	never_used: (row, {now}) => {
		const since =
			row.not_before !== null && row.not_before > row.created_at ? row.not_before : row.created_at;
		return {
			detail: `Not used once in the ${daysBetween(since.getTime(), now)} days since it could be`,
			// One that is protected is not revoked.
			action: row.delete_protected ? suspend : revoke,
		};
	},
	idle: ({last_used_at: last}, {now}) => ({
		detail: last
			? `Not used since ${dayOf(last)}, for ${daysBetween(last.getTime(), now)} days`
			: 'Not used for long',
		action: suspend,
	}),
	no_end: (row, known) => {
		const end = proposedEnd(row, known);
		const detail = 'It is accepted until somebody revokes it';
		if (end !== undefined) return {detail, action: update({expires_at: toTimestamp(end)})};
		const isOld =
			'it is older than a key may be by the key policy, so only a new one can have an end';
		return {detail: `${detail}; ${isOld}`, action: rotate};
	},
	unrestricted: (row) => {
		const body = neededAlone(row);
		const seen =
			body === null ? '' : `; in the last ${neededDays} days its uses needed ${someOf(row.needed)}`;
		return {
			detail: `Anyone who has it may do everything, from anywhere${seen}`,
			action: update(body),
		};
	},
	expiring: (row, {now}) => {
		const {expires_at: end} = asAccepted(row);
		return {
			detail: end
				? `It ends on ${dayOf(end)}, in ${plural(daysBetween(now, end.getTime()), 'day')}`
				: 'It ends soon',
			action: rotate,
		};
	},
	over_privileged: (row) => ({
		detail: `No use in the last ${neededDays} days needed ${someOf(unneededScopes(row))}`,
		action: update(withoutUnneeded(row)),
	}),
	shared: ({addresses}) => {
		const networks = networksAround(addresses);
		const detail = `Used from ${addresses.length} addresses in the last ${clientDays} days, in ${plural(networks.length, 'network')}`;
		const isFew = networks.length > 0 && networks.length <= mostProposedNetworks;
		return {detail, action: isFew ? update({ip_allow: networks}) : rotate};
	},
	maker_left: (row) => ({detail: `${makerOf(row)}, and may still know it`, action: rotate}),
};

/** @param found in the order of the findings */
export function tellFindings(
	row: HygieneRow,
	found: readonly KeyFinding[],
	known: Known,
): KeyToMend['findings'] {
	return found.map((finding) => ({finding, ...says[finding](row, known)}));
}

function update(body: ProposedChange | null): Said['action'] {
	return {name: 'update', body};
}

/** What the policy gives a key that is made, or a year; undefined where no end to come would be allowed. */
function proposedEnd({created_at: madeAt}: HygieneRow, {policy, now}: Known): Date | undefined {
	const wished = now + (policy.default_lifetime_days ?? proposedLifeDays) * dayMs;
	const most = policy.max_lifetime_days;
	const last = most === null ? wished : Math.min(wished, madeAt.getTime() + most * dayMs);
	// Not one that has run out by the time somebody has read of it.
	return last < now + dayMs ? undefined : new Date(wholeSecondOf(last));
}

/** As small as a site's network mostly is: it is a proposal. */
function networksAround(addresses: readonly string[]): string[] {
	const networks = addresses.flatMap((text) => {
		const address = parseAddress(text);
		return address ? [writeNetwork(networkOf(address, address.family === 4 ? 24 : 64))] : [];
	});
	return [...new Set(networks)];
}

function makerOf(row: HygieneRow): string {
	const {creator_email: email, creator_account: account, creator_disabled: isDisabled} = row;
	if (email !== null)
		return `${email}, who made it, is ${isDisabled ? 'disabled' : 'no longer a member'}`;
	const name = account === null ? 'The service account' : `The service account ${account}`;
	return `${name}, which made it, was ${row.creator_account_exists ? 'disabled' : 'deleted'}`;
}

const mostTold = 5;

function someOf(texts: readonly string[]): string {
	const more = texts.length - mostTold;
	return more > 0 ? `${texts.slice(0, mostTold).join(', ')} and ${more} more` : texts.join(', ');
}

function plural(count: number, noun: string): string {
	return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function dayOf(instant: Date): string {
	return toTimestamp(instant).slice(0, 10);
}

function daysBetween(from: number, to: number): number {
	return Math.floor((to - from) / dayMs);
}
