import {
	keyFindingNames,
	type KeyFinding,
	type KeyToMend,
} from '../../../../contract/key-hygiene.ts';
import type {FullKey} from '../../../../contract/keys.ts';
import type {Model} from '../../../app/model.ts';

type Found = KeyToMend['findings'][number];

/** What the keys are listed for; undefined: for whatever is found of them. */
export function findingOf({queries}: Model): KeyFinding | undefined {
	return keyFindingNames.find((name) => name === queries.keysToMend?.['finding']);
}

/** What is to be mended of a key: what it is listed for, or else the first that is found of it. */
export function foundOf(model: Model, {findings}: KeyToMend): Found | undefined {
	const wanted = findingOf(model);
	return findings.find(({finding}) => finding === wanted) ?? findings[0];
}

/** A key as the list of all keys has it, with its last use as of now; undefined: it is not there yet. */
export function wholeKey(model: Model, key: KeyToMend | undefined): FullKey | undefined {
	const whole = model.keys.items.find(({id}) => id === key?.id);
	if (whole === undefined || key === undefined) return undefined;
	return {...whole, last_used_at: key.last_used_at};
}
