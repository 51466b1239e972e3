import {keyTerms, termNames, type TermName} from '../../contract/key-terms.ts';
import type {ChangedMember, KeyChanges} from '../../contract/keys.ts';
import type {Clock} from '../clock/clock.ts';
import type {Judging} from './alter.ts';
import {termsOf} from './allowed.ts';
import {columnsOf} from './columns.ts';
import {isGone} from './grace.ts';
import {presentForEvent, presentTerms, tellMember, type WholeKey} from './present.ts';
import type {KeyRefused} from './proposal.ts';
import {rolesIn} from './roles/members.ts';
import {versionOfRequest} from './terms.ts';

/* Changing what a key carries (RFC 7396): what a request does not name stays as it is. */

const changeable: readonly ChangedMember[] = ['name', ...termNames];

/** What a request says of the version that its change is meant for. */
export type Condition = {
	/** Whether it is meant for a version. */
	isExpected: (version: number) => boolean;
	/** It says nothing: every version will do. */
	isUnconditional: boolean;
};

export function updating(
	organisationId: string,
	changes: KeyChanges,
	{isExpected, isUnconditional}: Condition,
	clock: Pick<Clock, 'now'>,
): Judging {
	const {name, ...terms} = changes;
	const roles = rolesIn(terms);
	return {
		termsVersion: versionOfRequest(terms),
		clock,
		isUnconditional,
		judge(row) {
			if (!isExpected(row.version)) return {kind: 'refused', code: 'precondition_failed'};
			if (isGone(row, clock.now())) return {kind: 'refused', code: 'key_revoked'};
			const columns = {...columnsOf(terms, row), ...(name === undefined ? {} : {name})};
			const wanted = {...row, ...columns, ...(roles === undefined ? {} : {roles})};
			const [before, after] = [membersOf(row), membersOf(wanted)];
			const changed = changeable.filter((member) => !isSame(before[member], after[member]));
			if (changed.length === 0) return {kind: 'unchanged'};
			const isEnding = changed.includes('expires_at');
			const fault = changed.includes('metadata') ? faultOfMetadata(after) : undefined;
			if (fault !== undefined) return fault;
			const previous = Object.fromEntries(changed.map((member) => [member, before[member]]));
			return {
				kind: 'change',
				proposal: {
					organisationId,
					// In the order of the request, for what is wrong with one of them.
					terms: {...termsOf(wanted), roles: terms.roles ?? wanted.roles},
					before: termsOf(row),
					createdAt: row.created_at,
				},
				// What was told of an end that is no longer to come is told anew of the next one.
				columns: isEnding
					? {
							...columns,
							expiry_announced_at: null,
							expiry_warned_days: null,
							...(isOver(row.expires_at, clock.now()) ? {rotation_told_days: null} : {}),
							grace_until: soonest(row.grace_until, wanted.expires_at),
						}
					: columns,
				roles: changed.includes('roles') ? roles : undefined,
				tell: (now, at) => ({
					action: 'key.updated',
					details: {
						hint: now.hint,
						changed: changed.join(', '),
						...inWords(changed, '', after),
						...inWords(changed, 'previous_', before),
					},
					event: {key: presentForEvent(now, at), changed, previous},
				}),
			};
		},
	};
}

function isOver(end: Date | null, now: number): boolean {
	return end !== null && end.getTime() <= now;
}

/** A grace never goes beyond the end of the key. */
function soonest(grace: Date | null, end: Date | null | undefined): Date | null {
	return grace && end && end < grace ? end : grace;
}

/** It is bounded as a whole, after a change was merged into it. */
export function faultOfMetadata({metadata}: {metadata?: unknown}): KeyRefused | undefined {
	const message = keyTerms.metadata.request.safeParse(metadata).error?.issues[0]?.message;
	if (message === undefined) return undefined;
	return {kind: 'refused', code: 'invalid_field', field: 'metadata', message};
}

type Members = Record<ChangedMember, unknown>;

function membersOf(row: WholeKey): Members {
	return {name: row.name, ...presentTerms<TermName>(row, termNames)};
}

function inWords(changed: readonly ChangedMember[], prefix: string, members: Members) {
	return Object.fromEntries(
		changed.map((member) => [`${prefix}${member}`, tellMember(member, members[member])]),
	);
}

function isSame(one: unknown, other: unknown): boolean {
	return JSON.stringify(one) === JSON.stringify(other);
}
