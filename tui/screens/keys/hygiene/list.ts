import {
	type KeyFinding,
	keyFindingNames,
	keyFindings,
	type KeyHygiene,
	type MendingAction,
} from '../../../../contract/key-hygiene.ts';
import type {ListSource, Row} from '../../../app/list-source.ts';
import {Failure} from '../../../failure.ts';

/** Of how many keys something is found: of each finding, and of those of which anything is. */
export type FindingCount = Row<{
	readonly id: KeyFinding | 'any';
	readonly title: string;
	/** What is wrong with these keys, with the numbers that were asked for. */
	readonly tells: string;
	readonly mends: string;
	/** What mends most of them; undefined: that depends on what is found. */
	readonly action?: MendingAction;
	readonly count: number;
	/** Keys that were looked at. */
	readonly of: number;
	/** Since when it is recorded what keys need, where that is what is looked at. */
	readonly watchedSince?: string;
}>;

export const keyHygieneList: ListSource<FindingCount> = {
	of: 'organisation',
	readers: 'keys:read',
	async read({client, org_id, query}) {
		const {body} = await client.call('getKeyHygiene', {org_id, query: {...query, limit: '1'}});
		return countsOf(body);
	},
};

/** @throws {Failure} unexpected, where the first page does not count */
export function countsOf(report: KeyHygiene): FindingCount[] {
	const {counts} = report;
	if (counts === null) {
		throw new Failure('unexpected', 'The server did not say how many keys are affected');
	}
	const {keys: of, affected, findings} = counts;
	return [
		...keyFindingNames.map((id): FindingCount => {
			const {title, tells, mends, action} = keyFindings[id];
			const watched = id === 'over_privileged' ? {watchedSince: report.watched_since} : {};
			const row = {id, title, mends, action, count: findings[id], of, ...watched};
			return {...row, tells: withNumbers(tells, report)};
		}),
		{
			id: 'any',
			title: 'Any of these',
			tells: 'At least one of these applies to it',
			mends: 'Each key says how to fix it',
			count: affected,
			of,
		},
	];
}

/** A sentence that names what can be asked for, with what was asked for. */
function withNumbers(
	tells: string,
	{idle_days, expiring_days, most_addresses}: KeyHygiene,
): string {
	return tells
		.replace('idle_days', `${idle_days} days`)
		.replace('expiring_days', `${expiring_days} days`)
		.replace('most_addresses', String(most_addresses));
}
