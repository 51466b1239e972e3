import {allowed} from '../../../app/guards.ts';
import type {Model, Step} from '../../../app/model.ts';
import {openList} from '../../kinds/list/open.ts';

/** Whose entries: what was done by somebody, or to something. */
type About = {readonly target: string} | {readonly actor: string};

/** The trail of the organisation, of one key, person or thing only; `name` is what that is called. */
export function openTrail(model: Model, about: About, name: string, now: number): Step {
	const refusal = 'Only admins and owners read the audit trail';
	return allowed(model, now, 'audit:read', refusal, () =>
		openList(model, 'audit', undefined, {...about, name}),
	);
}
