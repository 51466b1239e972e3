import type {Effect} from '../../../app/effect.ts';
import type {Model, Step} from '../../../app/model.ts';
import {may, say} from '../../../app/navigation.ts';
import {openChart} from '../shared/kind.ts';
import {unreadUsage} from '../shared/reading.ts';
import type {KeyUsageScreen} from './screen.ts';

/** Whether asking would be more than a refusal. */
export function mayShowUsage(model: Model, key: {id: string} | undefined): boolean {
	return key !== undefined && may(model, 'usage:read');
}

/** Shows how a key is used. */
export function openKeyUsage(
	model: Model,
	key: {readonly id: string; readonly name: string} | undefined,
	now: number,
): Step {
	if (key === undefined) return [model];
	if (!mayShowUsage(model, key)) {
		return [say(model, now, 'Your role may not look at the use of keys', 'warning')];
	}
	const {id, name} = key;
	return openChart<KeyUsageScreen>(
		model,
		{...unreadUsage, type: 'keyUsage', id, name},
		askKeyUsage,
	);
}

export function askKeyUsage(
	{organisation, epoch}: Model,
	{id, range}: KeyUsageScreen,
): Effect | undefined {
	if (organisation === undefined) return undefined;
	return {do: 'readKeyUsage', organisation: organisation.id, id, range, epoch};
}
