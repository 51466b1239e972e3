import type {FormPart} from '../components/form/shape.ts';

/** The parts of a key policy, in their order. What it can ask for is in the one that its row names. */
export const policyParts = {
	lifetime: {title: 'Lifetime', without: 'keys may live without an end'},
	rights: {title: 'Rights', without: 'keys may be given every scope'},
	addresses: {title: 'Addresses', without: 'keys may be used from everywhere'},
	rotation: {title: 'Rotation', without: 'as long as whoever rotates a key says'},
	changes: {title: 'Changes', without: 'a change need not name a version'},
} as const satisfies Record<string, FormPart>;

export type PolicyPart = keyof typeof policyParts;
