import type {CountedOutcome} from '../../contract/outcomes.ts';
import {watchedOutcomes, type WatchedOutcome} from '../../contract/decisions.ts';

/** Which decisions somebody looks at: those of an organisation, or some of them. */
export type Watch = {
	organisationId: string;
	/** Undefined: about any of its keys. */
	keyId: string | undefined;
	/** Undefined: whatever they came to. */
	outcome: WatchedOutcome | undefined;
};

/** In the place of what a watch does not ask for. */
const any = '*';

/** One name for each watch: all who ask for the same look at the same. */
export function nameOfWatch({organisationId, keyId, outcome}: Watch): string {
	return [organisationId, keyId ?? any, outcome ?? any].join(':');
}

const form = /^([0-9a-f-]{36}):([0-9a-f-]{36}|\*):(\w+|\*)$/;

/** @returns undefined for what `nameOfWatch` did not make, or a newer server did */
export function watchNamed(name: string): Watch | undefined {
	const [, organisationId, keyId, outcome = ''] = form.exec(name) ?? [];
	if (organisationId === undefined) return undefined;
	const known = watchedOutcomes.find((each) => each === outcome);
	if (known === undefined && outcome !== any) return undefined;
	return {organisationId, keyId: keyId === any ? undefined : keyId, outcome: known};
}

/** Whether a decision of its organisation is one that is looked at. */
export function isWatchedBy(watch: Watch, keyId: string, outcome: CountedOutcome): boolean {
	if (watch.keyId !== undefined && watch.keyId !== keyId) return false;
	if (watch.outcome === undefined) return true;
	return watch.outcome === 'refused' ? outcome !== 'valid' : watch.outcome === outcome;
}
