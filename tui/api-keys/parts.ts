import type {FormPart} from '../components/form/shape.ts';

/** The parts of the form of a key, in their order. What it can carry is in the one that its row names. */
export const keyParts = {
	basics: {title: 'Basics', without: 'a name is needed'},
	time: {title: 'Time', without: 'works now, never expires'},
	rights: {title: 'Rights', without: 'may be used for everything'},
	addresses: {title: 'Addresses', without: 'may be used from everywhere'},
	limits: {title: 'Limits', without: 'none of its own'},
} as const satisfies Record<string, FormPart>;

export type KeyPart = keyof typeof keyParts;
