import type {FormPart} from '../components/form/shape.ts';

/** The parts of a key policy, in their order. What it can ask for is in the one that its row names. */
export const policyParts = {
	lifetime: {title: 'Lifetime', without: 'no end is required'},
	rights: {title: 'Rights', without: 'no scopes are required'},
	addresses: {title: 'Addresses', without: 'no networks are required'},
	limits: {title: 'Limits', without: 'no limits are given'},
	rotation: {title: 'Rotation', without: 'no bound on the grace of a rotation'},
	changes: {title: 'Changes', without: 'If-Match is not required'},
} as const satisfies Record<string, FormPart>;

export type PolicyPart = keyof typeof policyParts;
